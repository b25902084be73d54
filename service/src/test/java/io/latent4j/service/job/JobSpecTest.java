package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.lora.StrengthSchedule;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.Expansion;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.pipeline.request.Sampling;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.schedulers.Steps;
import io.latent4j.textencoder.PromptSyntax;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobSpecTest {
    private static final JobSpec EMPTY = new JobSpec(new GenerationRequest(""));

    /** No field has its default. */
    private static JobSpec full() {
        Map<String, Double> blocks = new LinkedHashMap<>();
        blocks.put("up_blocks.*", 0.5);
        blocks.put("down_blocks.*", 0.0);
        GenerationRequest request = new GenerationRequest(
                new Prompt("a \"boat\",\n(red:1.2)", "dusk", PromptSyntax.PLAIN, 2, OptionalInt.of(77), List.of()),
                new Sampling(
                        Optional.of("euler a"),
                        Optional.of(Steps.of(7)),
                        OptionalDouble.of(0.25),
                        new DenoisingRange(0.1, 0.9),
                        StepCaching.parse("deepcache:3:1+tgate:4")),
                new Guidance(
                        OptionalDouble.of(1.5),
                        3,
                        0.7,
                        0.2,
                        0.8,
                        OptionalDouble.of(0.995),
                        true,
                        OptionalDouble.of(1.25),
                        new PerturbedAttention(3, List.of("mid_block", "up_blocks.1"))),
                new Batch(OptionalLong.of(-1), Optional.of(new Variation(-2, 0.3)), 5, 2),
                ImageSize.of(64, 128),
                Optional.empty(),
                List.of(
                        new AdapterUse("ink", 0.8, 0.4, blocks, StrengthSchedule.of(Map.of(0.0, 0.0, 1.0, 0.5))),
                        new AdapterUse("old", -1)),
                List.of(),
                Optional.of(
                        new MicroConditioning(new Sizes(1, 2, 3, 4, 5, 6), new Sizes(7, 8, 9, 10, 11, 12), 7.5, 1.5)),
                Optional.empty(),
                new Tiling(Long.MAX_VALUE, 512));
        return new JobSpec(
                Optional.of("sd15"),
                request,
                Optional.of(new SourceFiles(
                        Path.of("boat.png"),
                        OptionalDouble.of(0.6),
                        Optional.of(new MaskFile(Path.of("mask.png"), 4, OptionalInt.of(32))),
                        Optional.empty())),
                List.of(new ControlFile("canny", Path.of("edges.png"), 0.9, new DenoisingRange(0.25, 0.75), true)),
                List.of(Path.of("hat.png"), Path.of("cat.png")),
                Optional.of(new RefinerUse("refiner", 0.7)),
                List.of(
                        new EmbeddingFile(Path.of("moon.safetensors"), Optional.of("<moon>")),
                        new EmbeddingFile(Path.of("sun.pt"), Optional.empty())),
                Map.of("timestep_spacing", "trailing", "solver_order", "3"),
                Optional.of(JobSpec.LINEAR));
    }

    private static void assertComesBack(JobSpec job) {
        assertThat(JobSpec.fromJson(job.toJson())).isEqualTo(job);
    }

    @Test
    void everyFieldComesBack() {
        assertComesBack(full());
        assertComesBack(EMPTY);
        JobSpec upscaled = EMPTY.withRequest(new GenerationRequest("x")
                .withUpscale(new Upscale(1.5, 0.3, OptionalInt.of(9), Upscaler.LATENTS_BICUBIC))
                .withSteps(Steps.atTimesteps(List.of(900.0, 12.5))));
        assertComesBack(upscaled);
        assertComesBack(EMPTY.withRequest(new GenerationRequest("x").withSteps(Steps.atSigmas(List.of(14.6, 0.0)))));
        assertComesBack(EMPTY.withSource(new SourceFiles(
                Path.of("a.png"), OptionalDouble.empty(), Optional.empty(), Optional.of(new Expansion(1, 2, 3, 4)))));
    }

    /** A field that the writer or reader forgets is equal to its default, which this notices. */
    @Test
    void everyKeyCounts() {
        JsonObject json = JsonParser.parseString(full().toJson()).getAsJsonObject();
        for (String key : Set.copyOf(json.keySet())) {
            JsonObject less = json.deepCopy();
            less.remove(key);
            assertThat(JobSpec.fromJson(less.toString())).as(key).isNotEqualTo(full());
        }
        JsonObject guidance = json.getAsJsonObject("guidance");
        for (String key : Set.copyOf(guidance.keySet())) {
            JsonElement value = guidance.remove(key);
            assertThat(JobSpec.fromJson(json.toString())).as(key).isNotEqualTo(full());
            guidance.add(key, value);
        }
    }

    @Test
    void blocksKeepTheirOrder() {
        Map<String, Double> blocks =
                JobSpec.fromJson(full().toJson()).request().adapters().get(0).blocks();
        assertThat(blocks.keySet()).containsExactly("up_blocks.*", "down_blocks.*");
    }

    @Test
    void seedsAreUnsigned() {
        assertThat(full().toJson()).contains("\"seed\":18446744073709551615");
        assertThat(JobSpec.fromJson("{\"seed\": 18446744073709551615}")
                        .request()
                        .batch()
                        .seed())
                .hasValue(-1);
    }

    @Test
    void whatIsLeftOutIsTheDefault() {
        assertThat(JobSpec.fromJson("{}")).isEqualTo(EMPTY);
        assertThat(JobSpec.fromJson("{\"prompt\": \"a boat\", \"model\": null}"))
                .isEqualTo(new JobSpec(new GenerationRequest("a boat")));
    }

    @Test
    void allWrongKeysAreInOneMessage() {
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> JobSpec.fromJson("""
                    {"promt": "x", "steps": 0, "seed": -3, "width": "wide",
                     "guidance": {"scale": 200, "start": 0.5, "end": 0.25, "rescal": 1},
                     "adapters": [{"name": "ink", "strength": 1000}, {}],
                     "scheduler": "eulr", "upscale": {"factor": 1}}
                    """))
                .withMessageContaining("promt is no key here, the nearest is \"prompt\"")
                .withMessageContaining("the job: steps is 0; expected a whole number, 1 or more")
                .withMessageContaining("the job: seed is -3; expected a whole number from 0 to 18446744073709551615")
                .withMessageContaining("the job: width is \"wide\"; expected a whole number, 1 to 16384")
                .withMessageContaining("the job: guidance: scale is 200")
                .withMessageContaining("the job: guidance: the guided part of the denoising trajectory is 0.5 to 0.25")
                .withMessageContaining("the job: guidance: rescal is no key here, the nearest is \"rescale\"")
                .withMessageContaining("the job: adapters 1: the strength of the adapter ink")
                .withMessageContaining("the job: adapters 2: name is missing")
                .withMessageContaining("eulr")
                .withMessageContaining("the job: upscale: the upscale factor is 1.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | is a list; expected a JSON object",
                "7 | is a single JSON value; expected a JSON object",
                "{\"prompt\": | is not JSON",
                "{\"steps\": 1e99999} | a whole number",
                "{\"steps\": 3, \"sigmas\": [2, 1]} | exclude each other",
                "{\"sigmas\": [1, 2]} | the list of sigmas has 2.0 after 1.0",
                "{\"range\": [0.5, 0.5]} | the job: range: the denoising range is 0.5 to 0.5",
                "{\"range\": [0.5]} | a list of 2",
                "{\"cache\": \"deepcache:1\"} | the job: cache: the interval of deepcache is 1; expected 2 to 100",
                "{\"cache\": \"lazy\"} | the job: cache: the cache is \"lazy\"; expected deepcache:INTERVAL",
                "{\"count\": 10001} | count is 10001; expected 1 to 10000",
                "{\"source\": {}} | the job: source: image is missing",
                "{\"source\": {\"image\": \"a\"}, \"upscale\": {}} | expected one of them",
                "{\"source\": {\"image\": \"a\", \"mask\": {\"image\": \"b\"}, \"expansion\": {\"left\": 1}}}"
                        + " | there is a mask, and an image to expand",
                "{\"source\": {\"image\": \"a\", \"expansion\": {}}} | expansion is 0",
                "{\"adapters\": [{\"name\": \"a\", \"schedule\": {\"x\": 1}}]} | schedule has the key x",
                "{\"controls\": [{\"name\": \"a\"}]} | the job: controls 1: image is missing",
                "{\"refiner\": {\"model\": \"a\", \"from\": 1}} | the refiner's start is 1.0",
                "{\"micro\": {}} | original_width is missing",
                "{\"tiling\": {\"side\": 3}} | the tile is 3 pixels",
                "{\"scheduler_settings\": {\"solver_order\": 3}} | solver_order is 3; expected a string",
                "{\"prompt_syntax\": \"x\"} | expected one of plain, weighted",
            })
    void saysWhatIsWrong(String json, String message) {
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> JobSpec.fromJson(json))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000})
    void deepNestingIsRefused(int depth) {
        assertThatExceptionOfType(InvalidJobException.class)
                .isThrownBy(() -> JobSpec.fromJson("{\"prompt\":" + "[".repeat(depth)));
    }

    @Test
    void holdsNoImages() {
        GenerationRequest request = new GenerationRequest("x")
                .withImage(new java.awt.image.BufferedImage(8, 8, java.awt.image.BufferedImage.TYPE_INT_RGB));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JobSpec(request))
                .withMessageContaining("expected them as files");
    }

    @Test
    void followsTheTagsOfItsPrompt() {
        JobSpec tagged = new JobSpec(new GenerationRequest("a boat <lora:ink:0.5> <lyco:paper:te=0:unet=1>")
                .withAdapters(List.of(new AdapterUse("first"))));

        JobSpec followed = tagged.withTags();

        assertThat(followed.request().prompt().text()).isEqualTo("a boat");
        assertThat(followed.request().adapters())
                .extracting(AdapterUse::name, AdapterUse::denoiserStrength, AdapterUse::textStrength)
                .containsExactly(tuple("first", 1.0, 1.0), tuple("ink", 0.5, 0.5), tuple("paper", 1.0, 0.0));
        assertThat(followed.withTags()).isSameAs(followed);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JobSpec(new GenerationRequest("a <hypernet:ink:1>")).withTags())
                .withMessageContaining("hypernetworks are not supported");
    }
}
