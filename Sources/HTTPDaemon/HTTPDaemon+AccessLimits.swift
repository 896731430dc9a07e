import AccessControl

extension HTTPDaemon {
    /// The bounds of what is done about wrong tokens, as operators are told them.
    package static let accessLimits: [(name: String, value: Int)] = [
        (name: "tokens", value: TokenTable.maximumTokens),
        (name: "tokenFileOctets", value: TokenTable.maximumOctets),
        (name: "heldRefusals", value: FailureLedger.heldRefusals),
        (name: "heldRefusalsPerCaller", value: FailureLedger.heldRefusalsOfCaller),
        (name: "heldRefusalMilliseconds", value: FailureLedger.longestMilliseconds),
        (name: "rememberedCallers", value: FailureLedger.rememberedCallers),
        (name: "rememberedCallerSeconds", value: FailureLedger.forgivenessMilliseconds / 1000),
    ]
}
