// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "segmentd",
    products: [
        .executable(name: "segmentd", targets: ["segmentd"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // MARK: C boundary
        .systemLibrary(
            name: "CMicroHTTPD",
            pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]
        ),
        .systemLibrary(
            name: "CGnuTLS",
            pkgConfig: "gnutls",
            providers: [.apt(["libgnutls28-dev"])]
        ),
        .systemLibrary(
            name: "CNettle",
            pkgConfig: "nettle",
            providers: [.apt(["nettle-dev"])]
        ),
        .target(name: "CPcap", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CCurl", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CLinuxShims", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CFloor", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CWebFiles", exclude: ["files"]),

        // MARK: Leaves
        .target(name: "TCPWire"),
        .target(name: "JSONText"),
        .target(name: "Locking"),
        .target(name: "Measuring"),
        .target(name: "LinuxSystem", dependencies: ["CLinuxShims"]),
        .target(name: "StateStore", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),

        // MARK: Middle
        .target(name: "CaptureFilter", dependencies: ["CPcap", "LinuxSystem", "Locking"]),
        .target(name: "CaptureFile", dependencies: ["TCPWire"]),
        .target(name: "HTTPMessage", dependencies: ["JSONText", "Locking", "Measuring"]),
        .target(name: "WebFiles", dependencies: ["CWebFiles", "JSONText"], plugins: ["APIDocumentPlugin"]),
        .target(name: "AccessControl", dependencies: ["CNettle"]),
        .target(
            name: "HTTPDaemon",
            dependencies: ["AccessControl", "CGnuTLS", "CMicroHTTPD", "HTTPMessage", "JSONText", "Locking"]),
        .target(
            name: "SegmentEngine",
            dependencies: ["CNettle", "CaptureFilter", "LinuxSystem", "Locking", "Measuring", "TCPWire"]),
        .target(
            name: "ControlAPI",
            dependencies: [
                "AccessControl", "CaptureFile", "CaptureFilter", "HTTPMessage", "JSONText", "LinuxSystem", "Locking",
                "Measuring", "SegmentEngine", "StateStore", "TCPWire", "WebFiles",
            ]
        ),

        // MARK: While building
        .executableTarget(
            name: "api-document-compiler", dependencies: ["JSONText", .product(name: "Yams", package: "Yams")]),
        .plugin(
            name: "APIDocumentPlugin", capability: .buildTool(), dependencies: ["api-document-compiler"],
            path: "Sources/APIDocumentPlugin"),
        .target(
            name: "CommandClient",
            dependencies: [
                "CCurl", "JSONText", "LinuxSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // MARK: Executable
        .executableTarget(
            name: "segmentd",
            dependencies: [
                "AccessControl", "CommandClient", "ControlAPI", "HTTPDaemon", "HTTPMessage", "LinuxSystem", "Locking",
                "SegmentEngine", "StateStore", "TCPWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // MARK: Benchmark
        .executableTarget(name: "segmentd-benchmark-http", dependencies: ["CMicroHTTPD"]),
        .executableTarget(
            name: "segmentd-benchmark",
            dependencies: [
                "CFloor", "ControlAPI", "HTTPMessage", "JSONText", "LinuxSystem", "Locking", "SegmentEngine", "TCPWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // MARK: Tests
        .testTarget(
            name: "TCPWireTests",
            dependencies: ["TCPWire"],
            exclude: ["Vectors"]
        ),
        .testTarget(name: "JSONTextTests", dependencies: ["JSONText"]),
        .testTarget(name: "LockingTests", dependencies: ["LinuxSystem", "Locking"]),
        .testTarget(name: "MeasuringTests", dependencies: ["Measuring"]),
        .testTarget(name: "LinuxSystemTests", dependencies: ["CLinuxShims", "LinuxSystem"]),
        .testTarget(name: "CaptureFilterTests", dependencies: ["CaptureFilter", "LinuxSystem"]),
        .testTarget(name: "CaptureFileTests", dependencies: ["CaptureFile", "TCPWire"]),
        .testTarget(name: "HTTPMessageTests", dependencies: ["HTTPMessage", "JSONText", "Locking", "Measuring"]),
        .testTarget(name: "WebFilesTests", dependencies: ["JSONText", "WebFiles"]),
        .testTarget(name: "AccessControlTests", dependencies: ["AccessControl"]),
        .testTarget(
            name: "HTTPDaemonTests",
            dependencies: ["AccessControl", "CMicroHTTPD", "HTTPDaemon", "HTTPMessage", "Locking", "Measuring"]),
        .testTarget(
            name: "SegmentEngineTests",
            dependencies: ["CaptureFilter", "LinuxSystem", "Locking", "Measuring", "SegmentEngine", "TCPWire"]),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "AccessControl", "CaptureFile", "CaptureFilter", "ControlAPI", "HTTPMessage", "JSONText", "LinuxSystem",
                "Locking", "Measuring", "SegmentEngine", "StateStore", "TCPWire",
            ]
        ),
        .testTarget(
            name: "SegmentFuzzingTests",
            dependencies: ["CaptureFile", "CaptureFilter", "ControlAPI", "JSONText", "SegmentEngine", "TCPWire"],
            exclude: ["SegmentFuzzer.swift", "corpus.hex"]),
        .testTarget(
            name: "StateStoreTests",
            dependencies: ["StateStore", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "CommandClientTests",
            dependencies: [
                "CommandClient", "JSONText", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(name: "BenchmarkTests", dependencies: ["segmentd-benchmark"]),
        .testTarget(name: "LoopbackTests", dependencies: ["CaptureFilter", "LinuxSystem", "SegmentEngine", "TCPWire"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu2x
)

// Fuzzing takes a build of its own, in which every target tells libFuzzer where it has been: docker/soak.sh.
let isFuzzing = Context.environment["SEGMENTD_FUZZ"] != nil
if isFuzzing {
    package.targets.removeAll { $0.type == .test }
    package.targets.append(
        .executableTarget(
            name: "segments-fuzzer",
            dependencies: ["CaptureFile", "CaptureFilter", "ControlAPI", "JSONText", "SegmentEngine", "TCPWire"],
            path: "Tests/SegmentFuzzingTests",
            exclude: ["SegmentFuzzingTests.swift", "corpus.hex"],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}

// One dialect for every Swift target: applied here so that no target can forget it.
for target in package.targets {
    switch target.type {
    case .regular, .executable, .test:
        target.swiftSettings =
            (target.swiftSettings ?? []) + [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                // `@_lifetime`, which a view type needs until it has a final spelling.
                .enableExperimentalFeature("Lifetimes"),
                .strictMemorySafety(),
                // The compiler proves what it can; checking the rest while segments pass costs several percent.
                .unsafeFlags(
                    ["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
            ]
        // What runs while building is not what is fuzzed, and has no fuzzer to tell.
        if isFuzzing, !["api-document-compiler", "JSONText"].contains(target.name) {
            target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"]))
        }
    default:
        break
    }
}
