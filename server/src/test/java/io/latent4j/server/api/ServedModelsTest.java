package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedModelsTest {
    @TempDir
    private Path folder;

    private ModelRegistry registry;
    private ServedModels models;

    @BeforeEach
    void open() throws IOException {
        Files.createDirectory(folder.resolve("models"));
        Files.createDirectory(folder.resolve("loras"));
        Files.writeString(folder.resolve("models/Boats.safetensors"), "");
        Files.writeString(folder.resolve("loras/Ink.safetensors"), "");
        registry = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32))
                .addFolder(EntryKind.MODEL, folder.resolve("models"))
                .addFolder(EntryKind.ADAPTER, folder.resolve("loras"));
        models = new ServedModels(registry, Optional.of("boats"));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private static JobSpec job(String prompt) {
        return new JobSpec(new GenerationRequest(prompt));
    }

    private void assertRefused(JobSpec spec, String field, String message) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> models.named(spec))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.field()).contains(field));
    }

    @Test
    void givesJobsTheNamesThatAreListed() {
        JobSpec named = models.named(job("a boat <lora:ink:0.5>")
                .withModel("boats.safetensors")
                .withPreview("Linear")
                .withRefiner(new RefinerUse("BOATS", 0.8)));

        assertThat(named.model()).contains("Boats");
        assertThat(named.preview()).contains("linear");
        assertThat(named.refiner().orElseThrow().model()).isEqualTo("Boats");
        assertThat(named.request().prompt().text()).isEqualTo("a boat");
        assertThat(named.request().adapters()).extracting(AdapterUse::name).containsExactly("Ink");
        assertThat(models.usual()).isEqualTo("Boats");
        assertThat(models.models()).containsExactly("Boats", "embedded");
    }

    @Test
    void refusesWhatIsNotListed() {
        String file = folder.resolve("models/Boats.safetensors").toString();
        assertRefused(job("a").withModel(file), "model", "there is no model " + file);
        assertRefused(job("a").withModel("owner/name"), "model", "expected one of Boats, embedded");
        assertRefused(job("a").withRefiner(new RefinerUse(file, 0.8)), "refiner.model", "there is no model");
        assertRefused(job("a").withAdapters(List.of(new AdapterUse(file))), "adapters", "near it are Ink");
        assertRefused(job("a <lora:paper>"), "adapters", "there is no adapter paper; near it are Ink");
        assertRefused(job("a <hypernet:x:1>"), "prompt", "hypernetworks are not supported");
        assertRefused(job("a").withPreview("https://example.com/vae"), "preview", "there is no decoder of previews");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ServedModels(registry, Optional.of("stars")))
                .withMessageContaining("expected one of Boats, embedded");
    }

    @Test
    void seesNewFilesWhenItLooksAgain() throws IOException {
        Files.writeString(folder.resolve("loras/paper.safetensors"), "");
        models.rescan();

        assertThat(models.entries(EntryKind.ADAPTER))
                .extracting(entry -> entry.name())
                .containsExactly("Ink", "paper");
    }
}
