import AccessControl
import ControlAPI
import HTTPMessage
import Testing

/// The role that each request takes, as the routes tell it.
struct RoleTests {
    @Test(arguments: [
        ("GET", "/endpoints"), ("HEAD", "/endpoints"), ("GET", "/endpoints/a"), ("GET", "/endpoints/a/counters"),
        ("GET", "/segments"), ("GET", "/segments/stream"), ("GET", "/segments.pcapng"), ("GET", "/segments/1"),
        ("GET", "/transmissions/t1"), ("GET", "/runs"), ("GET", "/counters"), ("GET", "/readyz"), ("GET", "/limits"),
    ])
    func readingTakesTheLesserRole(method: String, target: String) throws {
        #expect(try role(method, target) == .read)
    }

    @Test(arguments: [
        ("POST", "/endpoints"), ("PATCH", "/endpoints/a"), ("DELETE", "/endpoints/a"), ("POST", "/endpoints/a/start"),
        ("POST", "/endpoints/a/stop"), ("POST", "/endpoints/a/segments"),
        ("POST", "/endpoints/a/segments?validate=true"), ("DELETE", "/transmissions/t1"), ("POST", "/runs"),
        ("DELETE", "/runs/r1"), ("POST", "/reset"),
    ])
    func changingTakesControl(method: String, target: String) throws {
        #expect(try role(method, target) == .control)
    }

    /// Nothing is done there but to say so.
    @Test(arguments: [
        ("OPTIONS", "*"), ("OPTIONS", "/endpoints"), ("DELETE", "/counters"), ("POST", "/nothing"),
        ("get", "/counters"),
    ])
    func whereThereIsNoRouteAnyRoleWillDo(method: String, target: String) throws {
        #expect(try role(method, target) == .read)
    }

    private func role(_ method: String, _ target: String) throws -> AccessRole {
        let path = try RequestTarget.parse(target, method: method).path
        return try Bench().api.role(for: method, path)
    }
}
