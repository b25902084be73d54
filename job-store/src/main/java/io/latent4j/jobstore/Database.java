package io.latent4j.jobstore;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** A database that has the tables, and a pool of connections to it. */
final class Database implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 8;
    private static final Duration CLOSING = Duration.ofSeconds(30);

    private final DatabaseUrl url;
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final ExecutorService calls;

    private Database(DatabaseUrl url, HikariDataSource pool) {
        this.url = url;
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        this.calls = Executors.newFixedThreadPool(
                MOST_CONNECTIONS,
                new ThreadFactoryBuilder()
                        .setNameFormat("latent4j-jobs-%d")
                        .setDaemon(true)
                        .build());
    }

    /** @throws JobStoreException if it cannot be opened */
    static Database open(DatabaseUrl url, String user, String password) {
        DataSource source = url.dataSource(user, password);
        try (Connection connection = source.getConnection()) {
            url.check(connection);
            Migrations.run(source, url);
            url.opened(connection);
            Database database = new Database(url, new HikariDataSource(pool(url, source)));
            database.read(handle -> handle.execute("select 1")); // before H2's file would be closed with the connection
            return database;
        } catch (SQLException | FlywayException e) {
            throw Errors.of(url, e);
        }
    }

    private static HikariConfig pool(DatabaseUrl url, DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("latent4j-jobs");
        config.setDataSource(source);
        config.setSchema(Migrations.SCHEMA);
        config.setMaximumPoolSize(MOST_CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(10));
        config.setMaxLifetime(0); // so that H2's file is open all the time
        config.setInitializationFailTimeout(-1);
        url.connectionSql().ifPresent(config::setConnectionInitSql);
        config.setExceptionOverride(new SQLExceptionOverride() {
            @java.lang.Override
            public SQLExceptionOverride.Override adjudicate(SQLException e) {
                return url.isBroken(e)
                        ? SQLExceptionOverride.Override.MUST_EVICT
                        : SQLExceptionOverride.Override.CONTINUE_EVICT;
            }
        });
        return config;
    }

    /** Statements of which each stands for itself. */
    <T> T read(HandleCallback<T, SQLException> work) {
        return call(() -> jdbi.withHandle(work));
    }

    /** Queries that see the same state. */
    <T> T snapshot(HandleCallback<T, SQLException> work) {
        return call(() -> jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work));
    }

    /** A statement that changes no job, and is done beside others. When this returns, it is on disk. */
    int write(HandleCallback<Integer, SQLException> work) {
        return call(() -> jdbi.withHandle(handle -> {
            int rows = work.withHandle(handle);
            if (rows > 0) {
                url.synchronize(handle);
            }
            return rows;
        }));
    }

    /** A change, which no other runs beside, in any process. When this returns, it is on disk. */
    <T> T change(HandleCallback<T, SQLException> work) {
        return call(() -> jdbi.withHandle(handle -> {
            T result = handle.inTransaction(TransactionIsolationLevel.READ_COMMITTED, inside -> {
                Turns.lock(inside);
                return work.withHandle(inside);
            });
            url.synchronize(handle);
            return result;
        }));
    }

    /** Calls on a thread that nobody interrupts, since an interrupted write closes H2's file. */
    private <T> T call(Callable<T> work) {
        try {
            return Uninterruptibles.getUninterruptibly(calls.submit(work));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException || e.getCause() instanceof JdbiException) {
                throw Errors.of(url, e.getCause());
            }
            Throwables.throwIfUnchecked(e.getCause());
            throw new IllegalStateException(e.getCause());
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the store of jobs is closed", e);
        }
    }

    /** Waits for calls that run; later ones are refused. */
    @Override
    public void close() {
        MoreExecutors.shutdownAndAwaitTermination(calls, CLOSING);
        pool.close();
    }
}
