package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.service.job.JobSpec;
import java.util.List;
import java.util.Optional;

/** Any text as a graph: it is a job, or is refused in ComfyUI's form. */
class GraphFuzzTest {
    private static final NodeTypes TYPES =
            new NodeTypes(List.of("embedded", "other"), List.of("ink"), List.of("photo.png"));

    @FuzzTest
    void anyTextIsAJobOrIsRefused(byte[] bytes) {
        JsonObject graph;
        try {
            graph = Body.object(Untrusted.text(bytes));
        } catch (ApiException e) {
            assertThat(e.status()).isEqualTo(400);
            return;
        }
        GraphJob job;
        try {
            job = GraphReader.read(
                    graph, TYPES, name -> name.equals("photo.png") ? Optional.of("digest") : Optional.empty());
        } catch (GraphException e) {
            assertThat(e.json().getAsJsonObject("error").get("message").getAsString())
                    .isNotEmpty();
            assertThat(e.errors().values())
                    .allSatisfy(
                            error -> assertThat(error.details()).isNotEmpty().hasSizeLessThan(20_000));
            return;
        }
        assertThat(job.outputs()).isNotEmpty();
        assertThat(JobSpec.fromJson(job.spec().toJson())).isEqualTo(job.spec());
    }
}
