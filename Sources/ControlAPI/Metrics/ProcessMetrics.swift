import LinuxSystem

/// What the process takes of the host, by the names that client libraries of Prometheus give it.
enum ProcessMetrics {
    static func write(_ usage: ProcessUsage, to text: inout ExpositionWriter) {
        text.begin(processorTime)
        text.sample(nanoseconds: usage.processorNanoseconds)
        text.begin(startTime)
        if let started = usage.startedAt { text.sample(nanoseconds: started) }
        text.begin(residentMemory)
        if let octets = usage.residentOctets { text.sample(octets) }
        text.begin(virtualMemory)
        if let octets = usage.virtualOctets { text.sample(octets) }
        text.begin(threads)
        if let threads = usage.threads { text.sample(threads) }
        text.begin(openFiles)
        if let files = usage.openFiles { text.sample(files) }
        text.begin(openFileLimit)
        text.sample(ResourceLimit.openFiles)
    }

    private static let processorTime = MetricFamily(
        .counter, "process_cpu_seconds", unit: .seconds, "Processor time that was spent, in user and system mode.")
    private static let startTime = MetricFamily(
        .gauge, "process_start_time_seconds", unit: .seconds, "When the process began, since 1970.")
    private static let residentMemory = MetricFamily(
        .gauge, "process_resident_memory_bytes", unit: .bytes, "Memory that is in use.")
    private static let virtualMemory = MetricFamily(
        .gauge, "process_virtual_memory_bytes", unit: .bytes, "Addresses of memory that are taken.")
    private static let threads = MetricFamily(.gauge, "process_threads", "Threads.")
    private static let openFiles = MetricFamily(.gauge, "process_open_fds", "Open descriptors.")
    private static let openFileLimit = MetricFamily(.gauge, "process_max_fds", "How many descriptors may be open.")
}
