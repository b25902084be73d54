package io.latent4j.jobstore;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/** The JDBC URL of a database, and how that database differs from the other. */
sealed interface DatabaseUrl permits H2Url, PostgreSqlUrl {
    /** What an error says was expected. */
    String EXPECTED = "; expected jdbc:postgresql://host/name, or jdbc:h2:file: and the path of a file";

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is of another database, or has a setting that is not allowed
     */
    static DatabaseUrl of(String url) {
        if (url.startsWith(PostgreSqlUrl.PREFIX)) {
            return PostgreSqlUrl.of(url);
        }
        if (url.startsWith(H2Url.PREFIX)) {
            return H2Url.of(url);
        }
        throw new IllegalArgumentException("the database is " + shown(url) + EXPECTED);
    }

    /** A URL without settings and user, which may have a password in them. */
    static String shown(String url) {
        return url.split("[;?]", -1)[0].replaceFirst("//[^/]*@", "//");
    }

    /** Connects with a user and password, where they are not empty. */
    DataSource dataSource(String user, String password);

    /** Looks at a new connection before anything else is done with the database. */
    void check(Connection connection) throws SQLException;

    /** Is done once the tables are there, before others use them through this process. */
    void opened(Connection connection) throws SQLException;

    /** What each connection begins with. */
    Optional<String> connectionSql();

    /** Waits until what was committed is on disk. */
    void synchronize(Handle handle);

    /** Whether a connection on which this happened is of no more use. */
    boolean isBroken(SQLException error);

    /** Why something failed, and what to do, if this database's state says more than its message. */
    Optional<String> explain(SQLException error);

    /** The URL without settings, for messages. */
    @Override
    String toString();
}
