import ArgumentParser
import ControlAPI
import Glibc
import HTTPDaemon
import LinuxSystem
import Logging
import SegmentEngine

/// Runs the service until a signal stops it.
enum ServiceRunner {
    static func run(_ options: Options) throws {
        // Before the first thread, so that every thread inherits the mask and only this one takes the signals.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        // A guard takes a descriptor for each port, so as many as may be.
        ResourceLimit.raiseOpenFiles()

        let level = options.process.logLevel.rawValue
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = Logger.Level(rawValue: level) ?? .info
            return handler
        }
        let logger = Logger(label: "segmentd")
        let service = try start(options, logger)

        var number: CInt = 0
        unsafe sigwait(&signals, &number)
        // A second signal ends the process at once, by the default action.
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        guard service.stop(onSignal: number) else {
            // Without the farewells of `exit`, which would wait for what is stuck.
            _exit(EX_OK)
        }
    }

    private static func start(_ options: Options, _ logger: Logger) throws -> Service {
        do {
            let door = try FrontDoor(options)
            try giveUpPrivileges(options, logger)
            return try Service(options, door, logger)
        } catch let error as StateError {
            logger.critical("\(error)")
            throw ExitCode(error.status)
        } catch let error as HTTPDaemon.StartError {
            logger.critical("\(error)")
            throw ExitCode(EX_UNAVAILABLE)
        } catch let error as Errno where error == .noMemory {
            logger.critical("the engine cannot start: \(error); lower --ring-octets or --ring-segments")
            throw ExitCode(EX_OSERR)
        } catch let error as Errno {
            logger.critical("the engine cannot start: \(error)")
            throw ExitCode(EX_OSERR)
        }
    }

    /// Gives up what no thread needs, before there is another.
    private static func giveUpPrivileges(_ options: Options, _ logger: Logger) throws {
        do throws(Errno) {
            try options.privileges.limitProcess()
        } catch {
            logger.critical("privileges cannot be given up: \(error); a system call filter must let capset pass")
            throw ExitCode(EX_OSERR)
        }
    }
}
