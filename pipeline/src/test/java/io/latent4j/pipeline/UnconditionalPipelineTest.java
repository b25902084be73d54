package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnconditionalPipelineTest {

    @Test
    void isLoadedByTheNameOfItsFolder(@TempDir Path folder) throws IOException {
        Path model = folder.resolve("dots");
        Files.createDirectories(model.resolve("unet"));
        Files.createDirectories(model.resolve("scheduler"));
        Files.writeString(model.resolve("model_index.json"), "{\"_class_name\": \"DDPMPipeline\"}");
        Files.writeString(model.resolve("scheduler/scheduler_config.json"), "{\"_class_name\": \"DDPMScheduler\"}");
        String config = """
                {"block_out_channels": [8], "layers_per_block": 1, "norm_num_groups": 4, "add_attention": false,
                 "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "sample_size": 8}""";
        Files.writeString(model.resolve("unet/config.json"), config);
        Map<String, NDArray> zeros = new TreeMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            new UNet2DModel(UNet2DConfig.from(Config.read(model.resolve("unet/config.json"))))
                    .shapes()
                    .forEach((key, shape) -> zeros.put(key, manager.zeros(shape)));
            SafeTensors.write(model.resolve("unet/diffusion_pytorch_model.safetensors"), zeros, Map.of());
        }

        try (UnconditionalPipeline pipeline = UnconditionalPipeline.load(model.toString())) {
            GenerationRequest request = new GenerationRequest("").withSeed(0).withSteps(1);
            BufferedImage image = pipeline.generate(request, Progress.NONE).image();
            assertThat(image.getWidth()).isEqualTo(8);
            assertThat(pipeline.defaults().width()).isEqualTo(8);
        }
        assertThatThrownBy(() ->
                        UnconditionalPipeline.load(folder.resolve("no model").toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no such folder or file");
    }

    @Test
    void namesAllThatIsAskedForInVain() {
        JsonObject network = JsonParser.parseString("""
                        {"block_out_channels": [8], "layers_per_block": 1, "norm_num_groups": 4, "add_attention": false,
                          "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]}""").getAsJsonObject();
        SchedulerConfig scheduler = SchedulerConfig.from(new JsonObject(), "scheduler_config.json");
        try (NDManager manager = NDManager.newBaseManager()) {
            UnconditionalPipeline pipeline = UnconditionalPipeline.of(
                    "dots",
                    manager,
                    new UNet2DModel(UNet2DConfig.from(Config.of("config.json", network))),
                    scheduler,
                    new ModelDefaults(8, 8, 2, 1));
            GenerationRequest request = new GenerationRequest("")
                    .withSeed(0)
                    .withNegativePrompt("rain")
                    .withPromptSyntax(PromptSyntax.WEIGHTED)
                    .withMicroConditioning(MicroConditioning.of(8, 8))
                    .withRange(new DenoisingRange(0, 0.5))
                    .withTiling(Tiling.NEVER);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pipeline.generate(request, Progress.NONE))
                    .withMessage("dots was trained without texts, and makes pixels of noise alone; expected no negative"
                            + " prompt, no micro-conditioning, no denoising range, no tiling");
        }
    }
}
