package io.latent4j.service.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ModelRegistryTest {
    private final AtomicInteger opened = new AtomicInteger();

    private ModelRegistry registry() {
        return new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32)).addModel("shapes", () -> {
            opened.incrementAndGet();
            return Components.embedded(Device.cpu(), DataType.FLOAT32);
        });
    }

    @Test
    void opensAModelOnceAndSharesIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ModelRegistry registry = registry()) {
            assertThat(registry.isOpen("shapes")).isFalse();
            Callable<Model> use = () -> {
                try (ModelLease lease = registry.lease("shapes")) {
                    return lease.model();
                }
            };
            List<Future<Model>> models = threads.invokeAll(List.of(use, use, use, use));
            for (Future<Model> model : models) {
                assertThat(model.get()).isSameAs(models.get(0).get());
            }
            assertThat(opened).hasValue(1);
            assertThat(registry.isOpen("shapes")).isTrue();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void opensPartsOnce() throws IOException {
        try (ModelRegistry registry = registry();
                ModelLease first = registry.lease("shapes");
                ModelLease second = registry.lease("shapes")) {
            assertThat(first.previews(ModelRegistry.LINEAR)).isSameAs(second.previews(ModelRegistry.LINEAR));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> first.adapter("ink"))
                    .withMessageContaining("there is no adapter or file called \"ink\"");
            first.close();
            second.close();
        }
    }

    @Test
    void triesAgainWhatCouldNotBeOpened() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        try (ModelRegistry registry = registry().addModel("late", () -> {
            if (tries.getAndIncrement() == 0) {
                throw new IOException("not yet");
            }
            return Components.embedded(Device.cpu(), DataType.FLOAT32);
        })) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> registry.lease("late"));
            assertThat(registry.isOpen("late")).isFalse();
            try (ModelLease lease = registry.lease("late")) {
                assertThat(lease.model().name()).isNotEmpty();
            }
        }
    }

    @Test
    void closesWhatIsOpenAndRefusesMore() throws IOException {
        ModelRegistry registry = registry();
        Model model;
        try (ModelLease lease = registry.lease("shapes")) {
            model = lease.model();
        }
        registry.close();
        registry.close();

        assertThatExceptionOfType(ResourceClosedException.class).isThrownBy(model::lease);
        assertThatExceptionOfType(ResourceClosedException.class).isThrownBy(() -> registry.lease("shapes"));
        assertThatExceptionOfType(ResourceClosedException.class).isThrownBy(() -> registry.lease("other"));
    }
}
