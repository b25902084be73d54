package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Any text as a body of txt2img and img2img: it is a job, or is refused with a status of the client's fault. */
class GenerationBodyFuzzTest {
    private static final int CLIENT = 400;
    private static final int SERVER = 500;

    /** How a body is read. */
    @FunctionalInterface
    private interface Reading {
        Requested of(JsonObject body);
    }

    @FuzzTest
    void anyTextIsAJobOrIsRefused(byte[] bytes) throws IOException {
        JsonObject body;
        try {
            body = Body.object(Untrusted.text(bytes));
        } catch (ApiException e) {
            assertThat(e.status()).isEqualTo(CLIENT);
            return;
        }
        Untrusted.folder(Map.of(), folder -> {
            GenerationReader reader = reader(folder);
            check(body, json -> reader.text(json, Settings.of(ModelRegistry.EMBEDDED)));
            check(body, json -> reader.image(json, Settings.of(ModelRegistry.EMBEDDED)));
        });
    }

    private static GenerationReader reader(Path folder) {
        ModelRegistry registry = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
        return new GenerationReader(
                new Checkpoints(new ServedModels(registry.addModel("other", "/other"), Optional.empty())),
                new Uploads(folder, Limits.DEFAULT));
    }

    private static void check(JsonObject body, Reading reading) {
        Requested requested;
        try {
            requested = reading.of(body.deepCopy());
        } catch (WrongFieldsException e) {
            assertThat(e.json().getAsJsonArray("detail")).isNotEmpty();
            return;
        } catch (ApiException e) {
            assertThat(e.status()).isBetween(CLIENT, SERVER - 1);
            assertThat(e.getMessage()).isNotEmpty().hasSizeLessThan(10_000);
            return;
        }
        assertThat(requested.warnings())
                .allSatisfy(
                        warning -> assertThat(warning).hasSizeLessThan(10_000).matches("\\P{Cntrl}*"));
        assertThat(requested.echo().has("init_images")).isFalse();
        assertThat(JobSpec.fromJson(requested.spec().toJson())).isEqualTo(requested.spec());
    }
}
