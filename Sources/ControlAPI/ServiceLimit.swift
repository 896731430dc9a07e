import CaptureFilter
import HTTPMessage
import JSONText
import SegmentEngine

/// One bound the service works within.
package struct ServiceLimit: Hashable, Sendable {
    /// As in JSON, with its unit.
    package var name: String
    package var value: Int

    package init(name: String, value: Int) {
        self.name = name
        self.value = value
    }

    /// The bounds that no option changes.
    static var fixed: [ServiceLimit] {
        [
            ServiceLimit(name: "rulesPerEndpoint", value: EndpointReader.maximumRules),
            ServiceLimit(name: "repliesPerRule", value: EndpointReader.maximumReplies),
            ServiceLimit(name: "waitingAnswersPerRule", value: Rule.waitingLimit),
            ServiceLimit(name: "openingsPerEndpoint", value: EndpointReader.maximumOpenings),
            ServiceLimit(name: "labelsPerEndpoint", value: EndpointDefinition.maximumLabels),
            ServiceLimit(name: "labelOctets", value: EndpointReader.maximumLabelLength),
            ServiceLimit(name: "stepsPerRun", value: RunPlan.maximumSteps),
            ServiceLimit(name: "runSeconds", value: Int(RunPlan.maximumNanoseconds / 1_000_000_000)),
            ServiceLimit(name: "backlogPerRun", value: RunPlan.maximumBacklog),
            ServiceLimit(name: "octetsPerRun", value: RunPlan.maximumOctets),
            ServiceLimit(name: "segmentsPerRequest", value: PlanReader.maximumSteps),
            ServiceLimit(name: "packetsPerCapture", value: CapturedSegments.maximumPackets),
            ServiceLimit(name: "filterOctets", value: CaptureFilter.maximumLength),
            ServiceLimit(name: "filterInstructions", value: CaptureFilter.maximumInstructions),
            ServiceLimit(name: "pageEntries", value: CaptureRoutes.maximumPage),
            ServiceLimit(name: "idempotencyKeys", value: KeptAnswers.maximumKeys),
            ServiceLimit(name: "idempotencyKeyCharacters", value: IdempotencyKey.maximumLength),
            ServiceLimit(name: "idempotencySeconds", value: Int(KeptAnswers.lifetimeNanoseconds / 1_000_000_000)),
            ServiceLimit(name: "idempotencyOctets", value: KeptAnswers.maximumOctets),
            ServiceLimit(name: "jsonDepth", value: JSONParser.maximumDepth),
        ]
    }
}
