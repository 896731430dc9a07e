/// The tables, and what is asked of them.
enum StateSchema {
    /// Marks the file as ours: "segm".
    static let application = 0x7365_676D
    /// Goes up with every change that an earlier version would not understand.
    static let version = 1

    static let definition = """
        BEGIN;
        CREATE TABLE endpoint (
            serial INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            isStarted INTEGER NOT NULL,
            createdAt INTEGER NOT NULL,
            startedAt INTEGER,
            definition TEXT NOT NULL
        ) STRICT;
        CREATE TABLE transmission (number INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
        CREATE TABLE run (number INTEGER PRIMARY KEY, json TEXT NOT NULL, xml TEXT NOT NULL) STRICT;
        CREATE TABLE latest (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
        INSERT INTO latest VALUES ('transmission', 0), ('run', 0), ('opening', 0);
        PRAGMA application_id = \(application);
        PRAGMA user_version = \(version);
        COMMIT
        """

    /// Counts the starts, and shows that the file can be written.
    static let noteOpening = "UPDATE latest SET number = number + 1 WHERE name = 'opening'"

    static let endpoints =
        "SELECT serial, id, isStarted, createdAt, startedAt, definition FROM endpoint ORDER BY serial"
    static let transmissions = "SELECT number, json FROM transmission ORDER BY number"
    static let runs = "SELECT number, json, xml FROM run ORDER BY number"
    static let latestTransmission = "SELECT number FROM latest WHERE name = 'transmission'"
    static let latestRun = "SELECT number FROM latest WHERE name = 'run'"

    static let removeAll = "DELETE FROM endpoint; DELETE FROM transmission; DELETE FROM run"
    static let removeEndpoint = "DELETE FROM endpoint WHERE serial = ?"
    static let removeTransmission = "DELETE FROM transmission WHERE number = ?"
    static let removeRun = "DELETE FROM run WHERE number = ?"
    static let putEndpoint = "INSERT OR REPLACE INTO endpoint VALUES (?, ?, ?, ?, ?, ?)"
    static let putTransmission = "INSERT OR REPLACE INTO transmission VALUES (?, ?)"
    static let putRun = "INSERT OR REPLACE INTO run VALUES (?, ?, ?)"
    static let raiseLatest = "UPDATE latest SET number = max(number, ?) WHERE name = ?"
}
