package io.latent4j.jobstore;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * PostgreSQL. Settings of a URL that name classes to load are refused.
 *
 * @param url with settings
 */
record PostgreSqlUrl(String url) implements DatabaseUrl {
    static final String PREFIX = "jdbc:postgresql:";
    private static final int SOCKET_TIMEOUT = 60; // seconds
    private static final Set<String> CLASSES = Stream.of(
                    PGProperty.AUTHENTICATION_PLUGIN_CLASS_NAME,
                    PGProperty.SOCKET_FACTORY,
                    PGProperty.SOCKET_FACTORY_ARG,
                    PGProperty.SSL_FACTORY,
                    PGProperty.SSL_FACTORY_ARG,
                    PGProperty.SSL_HOSTNAME_VERIFIER,
                    PGProperty.SSL_PASSWORD_CALLBACK,
                    PGProperty.XML_FACTORY_FACTORY)
            .map(PGProperty::getName)
            .collect(Collectors.toUnmodifiableSet());

    static PostgreSqlUrl of(String url) {
        Properties settings = Driver.parseURL(url, new Properties());
        if (settings == null) {
            throw new IllegalArgumentException(
                    "the database is " + DatabaseUrl.shown(url) + ", which PostgreSQL does not understand" + EXPECTED);
        }
        Set<String> classes = new TreeSet<>(settings.stringPropertyNames());
        classes.retainAll(CLASSES);
        if (!classes.isEmpty()) {
            throw new IllegalArgumentException("the database's URL has settings that name classes, "
                    + String.join(", ", classes) + "; expected none of these");
        }
        return new PostgreSqlUrl(url);
    }

    @Override
    public DataSource dataSource(String user, String password) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setApplicationName("latent4j");
        source.setTcpKeepAlive(true);
        source.setSocketTimeout(SOCKET_TIMEOUT);
        source.setURL(url);
        if (!user.isEmpty()) {
            source.setUser(user);
        }
        if (!password.isEmpty()) {
            source.setPassword(password);
        }
        return source;
    }

    @Override
    public void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet encoding = statement.executeQuery("show server_encoding")) {
            encoding.next();
            if (!"UTF8".equals(encoding.getString(1))) {
                throw new JobStoreException("the database " + this + " has the encoding " + encoding.getString(1)
                        + "; expected UTF8: create database NAME encoding 'UTF8' template template0");
            }
        }
    }

    @Override
    public void opened(Connection connection) {}

    /** A process that stops within a change does not keep others waiting for long. */
    @Override
    public Optional<String> connectionSql() {
        return Optional.of("set idle_in_transaction_session_timeout = '10s'; set lock_timeout = '30s'");
    }

    @Override
    public void synchronize(Handle handle) {}

    @Override
    public boolean isBroken(SQLException error) {
        return false;
    }

    @Override
    public Optional<String> explain(SQLException error) {
        return Optional.ofNullable(error.getSQLState()).map(state -> switch (state) {
            case "28P01", "28000" ->
                "the user or the password is wrong, or the server does not let this user in: " + Errors.line(error);
            case "3D000" -> "the server has no such database; create it";
            case "08001", "08004", "08006" -> "the server cannot be reached: " + Errors.line(error);
            case "53100" -> "the server's disk is full";
            case "53300" -> "the server has too many connections; raise its max_connections";
            case "42501" ->
                "the user may not do this; expected one that may create a schema in the database: "
                        + Errors.line(error);
            case "25006" -> "the server is a read-only copy; expected the primary one";
            default -> null;
        });
    }

    @Override
    public String toString() {
        return DatabaseUrl.shown(url);
    }
}
