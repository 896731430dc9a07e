import AccessControl
import ControlAPI
import HTTPMessage
import Testing

/// What each request takes, as the routes tell it.
struct RequirementTests {
    @Test(arguments: [
        ("GET", "/endpoints"), ("HEAD", "/endpoints"), ("GET", "/endpoints/a"), ("GET", "/endpoints/a/counters"),
        ("GET", "/segments"), ("GET", "/segments/stream"), ("GET", "/segments.pcapng"), ("GET", "/segments/1"),
        ("GET", "/transmissions/t1"), ("GET", "/runs"), ("GET", "/counters"), ("GET", "/readyz"), ("GET", "/limits"),
    ])
    func readingTakesTheLesserRole(method: String, target: String) throws {
        #expect(try requirement(method, target) == .role(.read))
    }

    @Test(arguments: [
        ("POST", "/endpoints"), ("PATCH", "/endpoints/a"), ("DELETE", "/endpoints/a"), ("POST", "/endpoints/a/start"),
        ("POST", "/endpoints/a/stop"), ("POST", "/endpoints/a/segments"),
        ("POST", "/endpoints/a/segments?validate=true"), ("DELETE", "/transmissions/t1"), ("POST", "/runs"),
        ("DELETE", "/runs/r1"), ("POST", "/reset"),
    ])
    func changingTakesControl(method: String, target: String) throws {
        #expect(try requirement(method, target) == .role(.control))
    }

    /// Nothing is done there but to say so.
    @Test(arguments: [
        ("OPTIONS", "*"), ("OPTIONS", "/endpoints"), ("DELETE", "/counters"), ("POST", "/nothing"),
        ("get", "/counters"),
    ])
    func whereThereIsNoRouteAnyRoleWillDo(method: String, target: String) throws {
        #expect(try requirement(method, target) == .role(.read))
    }

    @Test(arguments: ["GET", "HEAD"])
    func filesForBrowsersTakeNothing(method: String) throws {
        #expect(try requirement(method, "/openapi.yaml") == .nothing)
    }

    private func requirement(_ method: String, _ target: String) throws -> AccessRequirement {
        let path = try RequestTarget.parse(target, method: method).path
        return try Bench().api.requirement(for: method, path)
    }
}
