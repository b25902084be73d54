package io.latent4j.jobstore;

import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.JobStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgreSqlJobStoreTest implements JobStoreContract {
    private PostgreSqlServer server;
    private SqlJobStore store;

    @BeforeAll
    void start() {
        server = PostgreSqlServer.start();
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        store = SqlJobStore.of(server.newDatabase(), "postgres", "");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    public JobStore store() {
        return store;
    }
}
