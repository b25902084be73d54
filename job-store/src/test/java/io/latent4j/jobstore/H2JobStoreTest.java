package io.latent4j.jobstore;

import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.JobStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

final class H2JobStoreTest implements JobStoreContract {
    @TempDir
    private Path folder;

    private SqlJobStore store;

    @BeforeEach
    void open() {
        store = SqlJobStore.file(folder);
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
