import Foundation
import PackagePlugin

/// Makes of `api/openapi.yaml` what is served of it in other forms: JSON, and pages to read.
@main
struct APIDocumentPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let document = context.package.directoryURL.appending(path: "api/openapi.yaml")
        let output = context.pluginWorkDirectoryURL.appending(path: "WebFile+Generated.swift")
        return [
            .buildCommand(
                displayName: "Compiling api/openapi.yaml",
                executable: try context.tool(named: "api-document-compiler").url,
                arguments: [document.path, output.path],
                inputFiles: [document],
                outputFiles: [output])
        ]
    }
}
