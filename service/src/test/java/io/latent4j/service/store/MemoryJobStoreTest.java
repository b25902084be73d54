package io.latent4j.service.store;

final class MemoryJobStoreTest implements JobStoreContract {
    private final MemoryJobStore store = new MemoryJobStore();

    @Override
    public JobStore store() {
        return store;
    }
}
