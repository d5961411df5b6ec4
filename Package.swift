// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "mcp-guard",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "mcp-guard", targets: ["mcp-guard"])],
  targets: [
    .target(name: "GuardCore", swiftSettings: settings),
    .executableTarget(name: "mcp-guard", dependencies: ["GuardCore"], swiftSettings: settings),
    .testTarget(
      name: "GuardCoreTests", dependencies: ["GuardCore"], resources: [.copy("Fixtures")]),
    .testTarget(name: "EndToEndTests", dependencies: ["GuardCore", "mcp-guard"]),
  ],
  swiftLanguageModes: [.v6]
)
