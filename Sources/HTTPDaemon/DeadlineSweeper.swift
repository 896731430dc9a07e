import CMicroHTTPD
import Glibc
import Synchronization

/// A thread that cuts off what is overdue, and sleeps while there are no connections.
struct DeadlineSweeper: ~Copyable {
    private final class Shared: Sendable {
        private static let name: StaticString = "http-deadlines"

        let server: ServerContext
        let bell: Bell
        let intervalMilliseconds: Int
        let isStopped = Atomic(false)

        init(server: ServerContext, bell: Bell, intervalMilliseconds: Int) {
            self.server = server
            self.bell = bell
            self.intervalMilliseconds = intervalMilliseconds
        }

        func run() {
            unsafe cmicrohttpd_name_thread(Self.name.utf8Start)
            while !isStopped.load(ordering: .acquiring) {
                let isBusy = server.sweep(at: MonotonicClock.milliseconds)
                bell.wait(milliseconds: isBusy ? intervalMilliseconds : nil)
            }
        }
    }

    private let shared: Shared
    private let thread: pthread_t

    /// Starts the thread, without signals; throws the errno value when there can be no other.
    init(server: ServerContext, bell: Bell, intervalMilliseconds: Int) throws(StartCode) {
        let shared = Shared(server: server, bell: bell, intervalMilliseconds: intervalMilliseconds)
        let context = unsafe Unmanaged.passRetained(shared)
        var (all, before) = (sigset_t(), sigset_t())
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, context.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            unsafe context.release()
            throw StartCode(value: code)
        }
        self.shared = shared
        self.thread = thread
    }

    deinit {
        shared.isStopped.store(true, ordering: .releasing)
        shared.bell.ring()
        pthread_join(thread, nil)
    }

    /// The errno value of a thread that did not start.
    struct StartCode: Error {
        let value: CInt
    }
}
