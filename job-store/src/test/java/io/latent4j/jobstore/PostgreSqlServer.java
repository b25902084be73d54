package io.latent4j.jobstore;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A PostgreSQL of this test's own. Where none can be started, tests that ask for one are skipped. */
final class PostgreSqlServer implements AutoCloseable {
    private final EmbeddedPostgres server;
    private final AtomicInteger databases = new AtomicInteger();

    private PostgreSqlServer(EmbeddedPostgres server) {
        this.server = server;
    }

    static PostgreSqlServer start() {
        try {
            return new PostgreSqlServer(EmbeddedPostgres.builder().start());
        } catch (IOException | IllegalStateException e) {
            return abort("PostgreSQL, whose tests are skipped, cannot be started here: " + e.getMessage());
        }
    }

    /** The URL of a new database without tables. */
    String newDatabase() {
        String name = "jobs" + databases.incrementAndGet();
        execute("create database " + name);
        return url(name);
    }

    void execute(String sql) {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    String url(String database) {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new IllegalStateException("PostgreSQL does not stop", e);
        }
    }
}
