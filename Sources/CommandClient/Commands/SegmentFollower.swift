import JSONText

/// Shows segments as they come.
struct SegmentFollower {
    let screen: Screen
    let count: Int?

    func follow(_ client: ServiceClient, _ selection: SelectionOptions) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("GET", "segments", "stream")
        request.accept = "text/event-stream"
        selection.apply(to: &request)
        let interruption = try Interruption()
        let layout = TableLayout(SegmentTable.columns, rows: [], width: screen.width)
        var reader = EventReader()
        var left = count ?? .max
        if screen.format == .table { try screen.show([layout.heading(hasColour: screen.hasColour)]) }
        let hasEnded = try client.stream(request, until: interruption.descriptor) { piece throws(ClientFailure) in
            try reader.read(piece) { event throws(ClientFailure) in
                try show(event, layout)
                if event.name.isEmpty { left -= 1 }
                return left > 0
            }
        }
        if hasEnded { Screen.complain("the service ended the stream\(reader.comment.map { ": \($0)" } ?? "")") }
        return .success
    }

    private func show(_ event: EventReader.Event, _ layout: TableLayout) throws(ClientFailure) {
        if screen.format == .json {
            return try screen.show([event.name.isEmpty ? event.data : "{\"\(event.name)\":\(event.data)}"])
        }
        let content = try ClientAnswer.json(status: 200, octets: [UInt8](event.data.utf8)).json
        if event.name.isEmpty {
            return try screen.show([layout.line(SegmentTable.row(content), hasColour: screen.hasColour)])
        }
        let text =
            "-- missing: \(content["kernel"]?.plain ?? "0") lost in the kernel, "
            + "\(content["ring"]?.plain ?? "0") gone from the ring --"
        try screen.show([screen.toned(text, .bad)])
    }
}
