import ArgumentParser
import JSONText
import Testing

@testable import CommandClient

@Suite struct EndpointOptionsTests {
    @Test(arguments: [
        ([], "{}"),
        (["--local", "10.0.0.1:80"], #"{"local":{"address":"10.0.0.1","port":80}}"#),
        (["--local", "80"], #"{"local":{"port":80}}"#), (["--local", ":80"], #"{"local":{"port":80}}"#),
        (["--local", "10.0.0.1"], #"{"local":{"address":"10.0.0.1"}}"#),
        (["--remote", "any"], #"{"remote":null}"#),
        (["--label", "a=b=c", "--label", "d="], #"{"labels":{"a":"b=c","d":""}}"#),
        (["--quiet"], #"{"rules":[],"opening":[]}"#), (["--stopped"], #"{"start":false}"#),
        (["--guard", "none", "--pace", "0s", "--limit", "3"], #"{"guard":"none","pace":"0s","limit":3}"#),
        (["--id", "1", "--set", "domain=PF_INET"], #"{"id":"1","domain":"PF_INET"}"#),
    ])
    func becomesTheBodyOfARequest(arguments: [String], body: String) throws {
        var object = JSONObject()
        try EndpointOptions.parse(arguments).apply(to: &object)
        #expect(String(decoding: JSONValue.object(object).octets, as: UTF8.self) == body)
    }

    @Test(arguments: ["", ":", "10.0.0:80", "10.0.0.256", "1.2.3.4:65536", "1.2.3.4:80:1", "host:80", "01.2.3.4"])
    func refusesWhatIsNoAddress(text: String) {
        #expect(throws: (any Error).self) { try AddressText.parse(text) }
    }
}
