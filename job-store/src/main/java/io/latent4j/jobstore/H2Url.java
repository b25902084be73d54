package io.latent4j.jobstore;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Handle;

/**
 * H2 in a file of this process's own. A URL may run scripts and Java code by H2's settings, so only harmless ones are taken.
 *
 * @param url with settings
 */
record H2Url(String url) implements DatabaseUrl {
    static final String PREFIX = "jdbc:h2:";
    private static final String FILE = "file:";
    /** {@code tcp:} for instance, but no drive's letter. */
    private static final Pattern OTHER = Pattern.compile("[A-Za-z][A-Za-z0-9]+:.*");

    private static final Pattern ALLOWED = Pattern.compile("CACHE_SIZE=[0-9]+|CIPHER=AES", Pattern.CASE_INSENSITIVE);
    /**
     * A change is written before its commit returns, and not in the background; the file is not closed as the JVM begins to end,
     * when jobs are put back.
     */
    private static final String OURS = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=30000;TRACE_LEVEL_FILE=0";

    static H2Url file(Path folder) {
        String path = folder.resolve("jobs").toAbsolutePath().normalize().toString();
        if (path.contains(";")) {
            throw new IllegalArgumentException(folder + ": expected a folder whose path has no semicolon");
        }
        return new H2Url(PREFIX + FILE + path);
    }

    static H2Url of(String url) {
        List<String> parts = List.of(url.substring(PREFIX.length()).split(";", -1));
        String first = parts.get(0);
        String path = first.startsWith(FILE) ? first.substring(FILE.length()) : first;
        if (path.isEmpty() || OTHER.matcher(path).matches()) {
            throw new IllegalArgumentException(
                    "the database is " + DatabaseUrl.shown(url) + ", which is no file" + EXPECTED);
        }
        for (String setting : parts.subList(1, parts.size())) {
            if (!ALLOWED.matcher(setting).matches()) {
                throw new IllegalArgumentException("the database's URL has the setting "
                        + setting.replaceFirst("=.*", "") + "; expected none but CACHE_SIZE=kilobytes and CIPHER=AES");
            }
        }
        return new H2Url(url);
    }

    @Override
    public DataSource dataSource(String user, String password) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url + OURS);
        source.setUser(user);
        source.setPassword(password);
        return source;
    }

    @Override
    public void check(Connection connection) {}

    /** While nobody else has the file open in this process, nobody has in any: workers of before are dead. */
    @Override
    public void opened(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet sessions = statement.executeQuery("select count(*) from information_schema.sessions")) {
                sessions.next();
                if (sessions.getInt(1) > 1) {
                    return;
                }
            }
            statement.execute("delete from \"" + Migrations.SCHEMA + "\".worker");
        }
    }

    @Override
    public Optional<String> connectionSql() {
        return Optional.empty();
    }

    /** H2 hands what it writes to the system; this waits until it is on disk. */
    @Override
    public void synchronize(Handle handle) {
        handle.execute("checkpoint sync");
    }

    @Override
    public boolean isBroken(SQLException error) {
        return switch (error.getErrorCode()) {
            case ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.IO_EXCEPTION_1,
                    ErrorCode.IO_EXCEPTION_2,
                    ErrorCode.OBJECT_CLOSED,
                    ErrorCode.GENERAL_ERROR_1 -> true;
            default -> false;
        };
    }

    @Override
    public Optional<String> explain(SQLException error) {
        return Optional.ofNullable(
                switch (error.getErrorCode()) {
                    case ErrorCode.WRONG_USER_OR_PASSWORD -> "the user or the password is wrong";
                    case ErrorCode.FILE_ENCRYPTION_ERROR_1 ->
                        "the file is encrypted by another password, or is not"
                                + " encrypted; with CIPHER=AES expected the file's password, a space and the user's";
                    case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
                        "another process has it open; stop that one, or use"
                                + " PostgreSQL, which several processes can share";
                    case ErrorCode.FILE_VERSION_ERROR_1, ErrorCode.FILE_CORRUPTED_1 ->
                        "the file is damaged, or of"
                                + " another version of H2; restore a backup, or move it away to begin with no jobs";
                    default -> null;
                });
    }

    @Override
    public String toString() {
        return DatabaseUrl.shown(url);
    }
}
