package import CaptureFilter

/// What is to be different about an endpoint from now on; the rest stays.
package struct EndpointChange: Hashable, Sendable {
    /// A change of one label.
    package struct LabelEdit: Hashable, Sendable {
        package var name: String
        /// `nil`: the label goes.
        package var value: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    /// All of them, in order; `nil`: as they are.
    package var rules: [Rule]?
    /// Another filter, or none at all; `nil`: as it is.
    package var filter: CaptureFilter??
    /// Whether the labels go before the edits are made.
    package var removesLabels = false
    /// Made in order.
    package var labelEdits: [LabelEdit] = []

    package init() {}

    /// A definition with the change made.
    package func applied(to definition: EndpointDefinition) -> EndpointDefinition {
        var changed = definition
        changed.rules = rules ?? definition.rules
        changed.filter = filter ?? definition.filter
        if removesLabels { changed.labels = [] }
        for edit in labelEdits {
            let position = changed.labels.firstIndex { $0.name == edit.name }
            switch (position, edit.value) {
            case (let position?, let value?): changed.labels[position].value = value
            case (let position?, nil): changed.labels.remove(at: position)
            case (nil, let value?): changed.labels.append(.init(name: edit.name, value: value))
            case (nil, nil): break
            }
        }
        return changed
    }
}
