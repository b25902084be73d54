package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import org.junit.jupiter.api.Test;

class UnconditionalPipelineTest {

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
