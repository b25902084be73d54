package io.latent4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceFolderTest {

    @Test
    void coversEveryKindThereIs() throws IOException {
        try (ReferenceFolder reference = open(CompactReference.FOLDER)) {
            Report report = new Report(
                    reference.cases().stream().map(ReferenceCase::run).toList());
            assertThat(report.kinds())
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry("ema", Map.of(Status.PASS, 1)),
                            Map.entry("manifest", Map.of(Status.PASS, 2)),
                            Map.entry("optimizer", Map.of(Status.PASS, 1)),
                            Map.entry("pipeline", Map.of(Status.PASS, 4)),
                            Map.entry("pipeline_pixel", Map.of(Status.PASS, 1)),
                            Map.entry("random", Map.of(Status.PASS, 84)),
                            Map.entry("scheduler", Map.of(Status.PASS, 36)),
                            Map.entry("text_encoder", Map.of(Status.PASS, 2)),
                            Map.entry("timestep_embedding", Map.of(Status.PASS, 1)),
                            Map.entry("tokenizer", Map.of(Status.PASS, 40)),
                            Map.entry("training_step", Map.of(Status.PASS, 1)),
                            Map.entry("unet", Map.of(Status.PASS, 4)),
                            Map.entry("vae_decode", Map.of(Status.PASS, 1)),
                            Map.entry("vae_encode", Map.of(Status.PASS, 1)),
                            Map.entry("vae_tiled", Map.of(Status.PASS, 1)),
                            Map.entry("vae_training", Map.of(Status.PASS, 1))));
            assertThat(report.passed()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "random/torch_cpu_generator/s0.call9, cases/random/torch_cpu_generator, s0.call9, 1e-5",
        "embeddings/timestep, cases/embeddings/timestep, out.3, 2e-4",
        "text_encoder/sd15, cases/text_encoder/sd15, out.pooler_output, 1e-3",
        "unet/ddpm_pixel_t0_b2_16x24, cases/unet/ddpm_pixel_t0_b2_16x24, out.sample, 1e-3",
        "unet/sdxl_t101_b1_odd9x13, cases/unet/sdxl_t101_b1_odd9x13, out.sample, 1e-3",
        "vae/sd15_encode_64x96, cases/vae/sd15_encode_64x96, out.std, 1e-3",
        "vae/sd15_decode_64x64, cases/vae/sd15_decode_64x64, out.image, 1e-3",
        "vae/sd15_tiled, cases/vae/sd15_tiled, out.image_tiled, 1e-3",
        "schedulers/EulerDiscreteScheduler/002, cases/schedulers/EulerDiscreteScheduler, 002/trajectory, 1e-1",
        "pipeline/ddpm_pixel_ddim8, cases/pipeline/ddpm_pixel_ddim8, out.samples_per_step, 1e-2",
        "training/ddpm_pixel_mse, cases/training/ddpm_pixel_mse, out.grad.conv_out.bias, 1e-4",
        "training/ema, cases/training/ema, out.3, 1e-4",
        "training/sd15_adamw_clip1.0, cases/training/sd15_adamw_clip1.0, out.step2.conv_in.weight, 1e-4",
        "training/vae_l1_kl, cases/training/vae_l1_kl, out.grad.quant_conv.bias, 1e-5",
        "pipeline/sd15_euler_a_10, cases/pipeline/sd15_euler_a_10, out.latents_per_step, 1e-1",
        "pipeline/sd15_euler_a_10, cases/pipeline/sd15_euler_a_10, out.final_latents, 1e-1",
        "pipeline/sd15_euler_a_10, cases/pipeline/sd15_euler_a_10, in.prompt_embeds, 1e-2",
        "pipeline/sd15_img2img_euler_a7_s0.45, cases/pipeline/sd15_img2img_euler_a7_s0.45, out.image_latents, 1e-1",
        "pipeline/sd15_img2img_euler_a7_s0.45, cases/pipeline/sd15_img2img_euler_a7_s0.45, out.initial_latents, 1e-1",
    })
    void failsOnOneWrongNumber(String name, String file, String tensor, float amount, @TempDir Path folder)
            throws IOException {
        CompactReference.copyTo(folder);
        CompactReference.change(folder.resolve(file + ".safetensors"), tensor, amount);
        try (ReferenceFolder reference = open(folder)) {
            Outcome outcome = CompactReference.named(reference.cases(), name).run();
            assertThat(outcome.status()).as(outcome.toString()).isEqualTo(Status.FAIL);
            assertThat(outcome.error().orElseThrow())
                    .isGreaterThan(outcome.tolerance().orElseThrow());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tokenizer/tiny_pad_endoftext/000, cases/tokenizer/tiny_pad_endoftext.json, 998, 997",
        "manifests/sd15/vae, manifests/sd15/vae/manifest.tsv, decoder.conv_in.bias, decoder.conv_in.bios",
    })
    void failsOnOneWrongWord(String name, String file, String word, String wrong, @TempDir Path folder)
            throws IOException {
        CompactReference.copyTo(folder);
        String text = Files.readString(folder.resolve(file));
        Files.writeString(folder.resolve(file), text.replaceFirst(word, wrong), StandardCharsets.UTF_8);
        try (ReferenceFolder reference = open(folder)) {
            assertThat(CompactReference.named(reference.cases(), name).run().status())
                    .isEqualTo(Status.FAIL);
        }
    }

    @Test
    void doesNotPassOutputsItCannotCompare(@TempDir Path folder) throws IOException {
        CompactReference.copyTo(folder);
        Path sidecar = folder.resolve("cases/vae/sd15_decode_64x64.json");
        String output = "\"outputs\": {";
        String more = output + "\"out.thumbnail\": {\"shape\": [1], \"atol\": 1, \"rtol\": 0},";
        Files.writeString(sidecar, Files.readString(sidecar).replace(output, more));
        try (ReferenceFolder reference = open(folder)) {
            Outcome outcome = CompactReference.named(reference.cases(), "vae/sd15_decode_64x64")
                    .run();
            assertThat(outcome.status()).isEqualTo(Status.NOT_COVERED);
            assertThat(outcome.detail()).isEqualTo("output out.thumbnail");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "models/big, model_index.json, BigPipeline, class BigPipeline",
        "models/big/transformer, config.json, BigTransformer, class BigTransformer",
        "models/big/vae, config.json, AutoencoderOfVideo, class AutoencoderOfVideo",
        "models/big/vae with weights rounded, config.json, AutoencoderKL, with weights rounded",
    })
    void saysOfWhichClassASingleFileIs(
            String equivalent, String config, String name, String reason, @TempDir Path folder) throws IOException {
        CompactReference.copyTo(folder);
        Path part = Files.createDirectories(folder.resolve(equivalent.split(" ", 2)[0]));
        Files.writeString(part.resolve(config), "{\"_class_name\": \"" + name + "\"}");
        Files.createDirectories(folder.resolve("singlefile"));
        Files.writeString(folder.resolve("singlefile/singlefile.json"), """
                {"files": {"big.safetensors": {"equivalent_to": "%s"}}}""".formatted(equivalent));
        try (ReferenceFolder reference = open(folder)) {
            Outcome outcome = CompactReference.named(reference.cases(), "singlefile/big.safetensors")
                    .run();
            assertThat(outcome.status()).isEqualTo(Status.NOT_COVERED);
            assertThat(outcome.detail()).isEqualTo(reason);
        }
    }

    @Test
    void saysWhyACaseIsNotCovered(@TempDir Path folder) throws IOException {
        CompactReference.copyTo(folder);
        Path index = folder.resolve("index.json");
        String text = Files.readString(index);
        Files.writeString(index, text.replace("\"kind\": \"ema\"", "\"kind\": \"adapter\""));
        Path sidecar = folder.resolve("cases/pipeline/sd15_img2img_euler_a7_s0.45.json");
        Files.writeString(sidecar, Files.readString(sidecar).replace("\"img2img\"", "\"img2vid\""));
        try (ReferenceFolder reference = open(folder)) {
            List<ReferenceCase> cases = reference.cases();
            assertThat(CompactReference.named(cases, "training/ema").run().detail())
                    .isEqualTo("kind adapter");
            assertThat(CompactReference.named(cases, "pipeline/sd15_img2img_euler_a7_s0.45")
                            .run()
                            .detail())
                    .isEqualTo("mode img2vid");
        }
    }

    @Test
    void leavesNoArraysBehind() throws IOException {
        try (ReferenceFolder reference = open(CompactReference.FOLDER)) {
            for (ReferenceCase each : reference.cases()) {
                each.run(); // which may load a model
                int before = reference.managedArrays();
                each.run();
                assertThat(reference.managedArrays()).as(each.name()).isEqualTo(before);
            }
        }
    }

    @Test
    void namesTheIndexThatIsMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> open(folder)).isInstanceOf(IOException.class).hasMessageContaining("index.json");
    }

    private static ReferenceFolder open(Path folder) throws IOException {
        return ReferenceFolder.open(folder, Device.cpu());
    }
}
