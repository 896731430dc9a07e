import JSONText
import Testing

@testable import CommandClient

@Suite struct AnswerTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse([UInt8](text.utf8)) }

    @Test(arguments: [
        (#"{"verdict":"satisfied"}"#, CommandStatus.success), (#"{"verdict":"unsatisfied"}"#, .unsatisfied),
        (#"{"verdict":"inconclusive"}"#, .inconclusive), (#"{"verdict":null,"state":"cancelled"}"#, .inconclusive),
        (#"{"state":"running"}"#, .inconclusive),
    ])
    func aVerdictIsAStatus(run: String, status: CommandStatus) throws {
        #expect(RunTable.status(of: try parse(run)) == status)
    }

    @Test func aProblemNamesEachPlaceOnce() throws {
        let problem = try parse(
            #"{"title":"A field is not valid","detail":"/window: no","violations":[{"pointer":"/window","detail":"no"}]}"#
        )
        #expect(ProblemText.lines(problem, status: 422) == "A field is not valid (422)\n  /window: no")
        #expect(
            ProblemText.lines(problem, status: 422, places: ["/window": "--window"])
                == "A field is not valid (422)\n  --window: no")
    }

    @Test func aProblemWithSeveralPlacesNamesAll() throws {
        let problem = try parse(
            #"{"title":"T","detail":"2 wrong","violations":[{"pointer":"/a","detail":"x"},{"parameter":"after","detail":"y"}]}"#
        )
        #expect(ProblemText.lines(problem, status: 422) == "T (422)\n  2 wrong\n  /a: x\n  after: y")
    }

    @Test func whatIsNoProblemStillHasAStatus() throws {
        #expect(ProblemText.lines(try parse("[]"), status: 502) == "the service answers 502")
    }

    @Test(arguments: [
        (#"{"state":"done","sent":2,"requested":2}"#, true), (#"{"state":"done","sent":1,"requested":2}"#, false),
        (#"{"state":"cancelled","sent":2,"requested":2}"#, false),
    ])
    func aTransmissionIsSentWhenAllHasLeft(transmission: String, isSent: Bool) throws {
        #expect(TransmissionTable.isSent(try parse(transmission)) == isSent)
    }
}
