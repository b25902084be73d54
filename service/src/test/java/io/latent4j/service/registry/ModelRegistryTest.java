package io.latent4j.service.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.run.NotEnoughMemoryException;
import java.io.IOException;
import java.nio.file.Path;
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
                    .withMessageContaining("there is no adapter ink");
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

    /** Opens the embedded model, and says that it takes so much memory. */
    private ModelOpener sized(long bytes) {
        return new ModelOpener() {
            @Override
            public Model open() throws IOException {
                opened.incrementAndGet();
                return Components.embedded(Device.cpu(), DataType.FLOAT32);
            }

            @Override
            public long bytes(Placement placement) {
                return bytes;
            }
        };
    }

    private ModelRegistry three(long budget) {
        return new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32), budget)
                .addModel("a", sized(40))
                .addModel("b", sized(40))
                .addModel("c", sized(40));
    }

    @Test
    void closesWhatWasUsedLeastRecentlyToMakeRoom() throws IOException {
        try (ModelRegistry registry = three(100)) {
            registry.lease("a").close();
            registry.lease("b").close();
            registry.lease("a").close();
            registry.lease("c").close();

            assertThat(registry.isOpen("a")).isTrue();
            assertThat(registry.isOpen("b")).isFalse();
            assertThat(registry.isOpen("c")).isTrue();
            assertThat(opened).hasValue(3);
            registry.lease("b").close();
            assertThat(registry.isOpen("a")).isFalse();
            assertThat(opened).hasValue(4);
        }
    }

    @Test
    void keepsWhatIsUsedAndRefusesWhatDoesNotFit() throws IOException {
        try (ModelRegistry registry = three(100).addModel("large", sized(101))) {
            registry.lease("b").close();
            assertThatExceptionOfType(NotEnoughMemoryException.class)
                    .isThrownBy(() -> registry.lease("large"))
                    .withMessageContaining("the model large takes");
            assertThat(registry.isOpen("b")).isTrue();
            try (ModelLease first = registry.lease("a");
                    ModelLease again = registry.lease("a");
                    ModelLease second = registry.lease("b")) {
                again.close();
                again.close();
                assertThatExceptionOfType(NotEnoughMemoryException.class).isThrownBy(() -> registry.lease("c"));
                second.close();
                registry.lease("c").close();
                assertThat(first.model().name()).isNotEmpty();
            }
            assertThat(registry.isOpen("a")).isTrue();
            assertThat(registry.isOpen("b")).isFalse();
            assertThat(opened).hasValue(3);
        }
    }

    @Test
    void knowsHowLargeAModelInFilesIs() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Placement whole = new Placement(Device.cpu(), DataType.FLOAT32);
            LocatedModel located = new LocatedModel("shapes", () -> ModelFiles.of(model.folder()), whole);
            long bytes = located.bytes(whole);

            assertThat(bytes).isGreaterThan(1_000_000);
            assertThat(located.bytes(new Placement(Device.cpu(), DataType.BFLOAT16)))
                    .isEqualTo(bytes / 2);
            assertThat(located.bytes(whole.offloaded())).isBetween(bytes / 3, bytes - 1);
            try (ModelRegistry small = new ModelRegistry(whole, bytes - 1)) {
                small.addModel("shapes", model.folder().toString());
                assertThatExceptionOfType(NotEnoughMemoryException.class).isThrownBy(() -> small.lease("shapes"));
            }
        }
    }

    @Test
    void opensNothingButWhatIsListedIfItIsToldSo() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack();
                ModelRegistry registry = registry()) {
            String path = model.folder().toString();
            registry.addModel("Folder", path).listedOnly();

            registry.lease("folder").close();
            assertThat(registry.isOpen("Folder")).isTrue();
            assertThatIOException()
                    .isThrownBy(() -> registry.lease(path))
                    .withMessageContaining("there is no model " + path);
            assertThatIOException().isThrownBy(() -> registry.takesNoText("owner/name"));
            assertThatIOException().isThrownBy(() -> registry.openWithoutWeights(path));
            try (ModelLease lease = registry.lease("shapes")) {
                Path file = model.folder().resolve("unet/diffusion_pytorch_model.safetensors");
                assertThatIllegalArgumentException().isThrownBy(() -> lease.adapter(file.toString()));
                assertThatIOException().isThrownBy(() -> lease.controlNet(file.toString()));
                assertThatIOException().isThrownBy(() -> lease.previews("owner/name"));
            }
        }
    }
}
