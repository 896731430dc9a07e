import TCPWire

/// What would leave, without sending it.
package enum SegmentPreview {
    /// The members that the kernel writes itself, whatever we ask; they come out the same.
    package static let filledByKernel = ["ip.totalLength", "ip.checksum"]

    /// The first datagram of each step, as an endpoint would send it.
    ///
    /// - Throws: what sending it would be refused with, and which step it is about.
    package static func datagrams(
        of plan: TransmissionPlan, from definition: EndpointDefinition, under policy: SendPolicy
    ) throws(EngineError.Located) -> [[UInt8]] {
        try LinkBroadcast.check(plan, of: definition)
        var datagrams: [[UInt8]] = []
        for (position, step) in plan.steps.enumerated() {
            do throws(EngineError.Located) {
                try policy.check(step, from: definition.local.address, to: definition.remote)
                datagrams.append(try datagram(of: step, from: definition))
            } catch {
                throw .init(error.error, index: position, variation: error.variation)
            }
        }
        return datagrams
    }

    private static func datagram(
        of step: TransmissionPlan.Step, from definition: EndpointDefinition
    ) throws(EngineError.Located) -> [UInt8] {
        do throws(WireError) {
            let prepared = try PreparedStep(step, on: definition.occasion, identification: 1)
            var octets = [UInt8](repeating: 0, count: prepared.length)
            var span = octets.mutableSpan
            prepared.write(into: &span, from: 0)
            return octets
        } catch {
            throw .init(.segmentImpossible(error))
        }
    }
}
