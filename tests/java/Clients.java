import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;

/** JDBC over TLS: both protocols, statements prepared at the server, fetch sizes, batches, COPY, notifications, types,
 * timeouts, savepoints, generated keys, and what tools ask the catalog by DatabaseMetaData. */
public class Clients {
    static final String EMAIL = "SELECT name, email FROM customers WHERE id = ?";

    interface Work { void run() throws Exception; }

    static void say(String what, Object... values) { System.out.println(what + " " + Arrays.toString(values)); }

    static String refused(Work work) throws Exception {
        try {
            work.run();
            return "nothing";
        } catch (SQLException error) {
            return error.getSQLState();
        }
    }

    /** The rows of a result, cells with a bar between them. */
    static List<String> rows(ResultSet result) throws SQLException {
        var rows = new ArrayList<String>();
        while (result.next()) {
            var cells = new ArrayList<String>();
            for (int n = 1; n <= result.getMetaData().getColumnCount(); n++) cells.add(result.getString(n));
            rows.add(String.join("|", cells));
        }
        return rows;
    }

    static List<String> ask(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) { return rows(statement.executeQuery(sql)); }
    }

    /** One column of a result of DatabaseMetaData. */
    static List<String> column(ResultSet result, String name) throws SQLException {
        var cells = new ArrayList<String>();
        while (result.next()) cells.add(result.getString(name));
        return cells;
    }

    static Connection connect(String... more) throws SQLException {
        var environment = System.getenv();
        var properties = new Properties();
        properties.setProperty("user", "insights-bot");
        properties.setProperty("password", environment.get("TOKEN"));
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty("sslrootcert", environment.get("CA"));
        for (int n = 0; n < more.length; n += 2) properties.setProperty(more[n], more[n + 1]);
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + environment.get("PORT") + "/billing", properties);
    }

    static void prepared(Connection connection) throws Exception {
        try (var statement = connection.prepareStatement(EMAIL)) {
            var at_server = new ArrayList<Boolean>();
            var seen = new ArrayList<String>();
            for (int round = 0; round < 8; round++) {
                statement.setInt(1, round % 3 + 1);
                seen.addAll(rows(statement.executeQuery()));
                at_server.add(statement.unwrap(PGStatement.class).isUseServerPrepare());
            }
            say("prepared", seen.get(0), seen.get(7), at_server.get(0), at_server.get(7));
        }
        try (var statement = connection.createStatement()) {
            var more = statement.execute("SELECT 1; SELECT email FROM customers WHERE id = 3; UPDATE invoices SET note = note WHERE id = 0");
            var told = new ArrayList<String>();
            while (more || statement.getUpdateCount() != -1) {
                told.add(more ? String.join(",", rows(statement.getResultSet())) : "count " + statement.getUpdateCount());
                more = statement.getMoreResults();
            }
            say("several", told);
        }
    }

    static void cursors(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (var statement = connection.prepareStatement("SELECT id, email FROM customers ORDER BY id")) {
            statement.setFetchSize(1);
            say("fetched", rows(statement.executeQuery()));
        }
        try (var statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            var result = statement.executeQuery("SELECT id FROM customers ORDER BY id");
            result.last();
            say("scrolled", result.getRow(), result.previous(), result.getInt(1));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    static void writes(Connection connection) throws Exception {
        try (var statement = connection.prepareStatement("INSERT INTO invoices VALUES (?, 1, ?, ?)")) {
            for (int n = 1; n <= 300; n++) {
                statement.setInt(1, n);
                statement.setBigDecimal(2, new BigDecimal("1.5"));
                statement.setString(3, n % 2 == 0 ? null : "");
                statement.addBatch();
            }
            say("batch", statement.executeBatch().length, ask(connection, "SELECT count(*), count(note) FROM invoices WHERE id < 1000"));
        }
        try (var statement = connection.prepareStatement("INSERT INTO invoices VALUES (400, 1, 2, 'k')", Statement.RETURN_GENERATED_KEYS)) {
            statement.executeUpdate();
            say("keys", rows(statement.getGeneratedKeys()));
        }
        var copies = connection.unwrap(PGConnection.class).getCopyAPI();
        say("copied in", copies.copyIn("COPY invoices FROM STDIN", new StringReader("500\t1\t5\tcopied\n501\t1\t6\t\\N\n")));
        var out = new StringWriter();
        copies.copyOut("COPY (SELECT id, note FROM invoices WHERE id BETWEEN 400 AND 999 ORDER BY id) TO STDOUT (FORMAT csv)", out);
        say("copied out", out.toString().replace("\n", "/"));
        say("copy refused", refused(() -> copies.copyIn("COPY invoices FROM STDIN", new StringReader("x\t1\t5\tcopied\n"))));
        try (var statement = connection.createStatement()) { say("deleted", statement.executeUpdate("DELETE FROM invoices WHERE id < 1000")); }
    }

    static void transactions(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO invoices VALUES (1, 1, 1)");
            var savepoint = connection.setSavepoint("before");
            say("denied", refused(() -> ask(connection, "SELECT secret FROM payroll")), refused(() -> ask(connection, "SELECT 1")));
            connection.rollback(savepoint);
            say("kept", ask(connection, "SELECT id FROM invoices WHERE id = 1"));
            connection.rollback();
            say("gone", ask(connection, "SELECT id FROM invoices WHERE id = 1"));
            connection.rollback();
        }
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setReadOnly(true);
        say("read only", refused(() -> { try (var statement = connection.createStatement()) { statement.executeUpdate("DELETE FROM invoices"); } }));
        connection.rollback();
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(true);
    }

    static void types(Connection connection) throws Exception {
        try (var statement = connection.prepareStatement("SELECT ?::int8, ?::numeric, ?::bool, ?::uuid, ?::date, ?::timestamptz, ?::bytea, ?::text[], ?::jsonb")) {
            statement.setLong(1, Long.MIN_VALUE);
            statement.setBigDecimal(2, new BigDecimal("12345678901234567890.12"));
            statement.setBoolean(3, true);
            statement.setObject(4, UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
            statement.setObject(5, LocalDate.of(2026, 2, 28));
            statement.setObject(6, OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC));
            statement.setBytes(7, new byte[] {0, (byte) 255});
            statement.setArray(8, connection.createArrayOf("text", new String[] {"a,b", null}));
            statement.setString(9, "{\"a\": 1}");
            var result = statement.executeQuery();
            result.next();
            say("types", result.getLong(1), result.getBigDecimal(2), result.getBoolean(3), result.getObject(4), result.getObject(5, LocalDate.class),
                result.getObject(6, OffsetDateTime.class), Arrays.toString(result.getBytes(7)),
                Arrays.toString((Object[]) result.getArray(8).getArray()), result.getString(9));
        }
        try (var statement = connection.createStatement()) {
            say("own types", rows(statement.executeQuery("SELECT mood, moods, pair, age FROM answers")));
        }
    }

    static void waiting(Connection connection) throws Exception {
        try (var statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            say("timeout", refused(() -> statement.executeQuery("SELECT pg_sleep(60)")));
        }
        try (var statement = connection.createStatement()) {
            var other = new Thread(() -> {
                try {
                    Thread.sleep(1000);
                    statement.cancel();
                } catch (Exception error) {
                    say("not cancelled", error);
                }
            });
            other.start();
            say("cancelled", refused(() -> statement.executeQuery("SELECT pg_sleep(60)")));
            other.join();
        }
        try (var statement = connection.createStatement(); var speaker = connect(); var voice = speaker.createStatement()) {
            statement.execute("LISTEN news");
            voice.execute("NOTIFY news, 'paid'");
            var heard = connection.unwrap(PGConnection.class).getNotifications(10_000);
            say("heard", heard.length, heard[0].getName(), heard[0].getParameter());
        }
        say("valid", connection.isValid(5));
    }

    static void catalog(Connection connection) throws Exception {
        var catalog = connection.getMetaData();
        say("product", catalog.getDatabaseProductName(), catalog.getDatabaseMajorVersion() >= 14, catalog.getUserName());
        say("tables", column(catalog.getTables(null, "public", "c%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME"));
        say("columns", column(catalog.getColumns(null, "public", "invoices", "%"), "COLUMN_NAME"));
        say("primary key", column(catalog.getPrimaryKeys(null, "public", "invoices"), "COLUMN_NAME"));
        say("foreign key", column(catalog.getImportedKeys(null, "public", "invoices"), "PKTABLE_NAME"), column(catalog.getExportedKeys(null, "public", "customers"), "FKTABLE_NAME"));
        say("indexes", column(catalog.getIndexInfo(null, "public", "customers", true, true), "INDEX_NAME"));
        say("functions", column(catalog.getFunctions(null, "public", "s%"), "FUNCTION_NAME"), column(catalog.getFunctionColumns(null, "public", "shout", "%"), "COLUMN_TYPE"));
        say("schemas", column(catalog.getSchemas(null, "public"), "TABLE_SCHEM"), column(catalog.getCatalogs(), "TABLE_CAT").isEmpty());
        say("types", column(catalog.getTypeInfo(), "TYPE_NAME").contains("int4"), column(catalog.getUDTs(null, "public", "pair", null), "TYPE_NAME"));
        say("rights", column(catalog.getTablePrivileges(null, "public", "invoices"), "PRIVILEGE").contains("SELECT"));
        try (var statement = connection.createStatement()) {
            var told = statement.executeQuery("SELECT id, mood, moods, pair, age FROM answers").getMetaData();
            var names = new ArrayList<String>();
            for (int n = 1; n <= told.getColumnCount(); n++) names.add(told.getColumnTypeName(n) + " " + told.isAutoIncrement(n) + " " + told.isNullable(n));
            say("of a result", names);
        }
        say("row id", column(catalog.getBestRowIdentifier(null, "public", "invoices", DatabaseMetaData.bestRowSession, true), "COLUMN_NAME"));
    }

    public static void main(String[] arguments) throws Exception {
        try (var connection = connect()) {
            prepared(connection);
            cursors(connection);
            writes(connection);
            transactions(connection);
            types(connection);
            waiting(connection);
        }
        try (var connection = connect("password", System.getenv("BROWSER"))) { catalog(connection); }
        try (var simple = connect("preferQueryMode", "simple"); var statement = simple.prepareStatement(EMAIL)) {
            statement.setInt(1, 2);
            say("simple", rows(statement.executeQuery()));
        }
        try (var read_only = connect("readOnly", "true", "options", "-c statement_timeout=9s", "reWriteBatchedInserts", "true", "binaryTransfer", "false")) {
            say("settings", ask(read_only, "SHOW statement_timeout"));
        }
    }
}
