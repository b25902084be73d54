package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDManager;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Config;
import io.latent4j.training.config.StartOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run files that are wrong in many places. */
class PlansTest {
    private static final List<String> EVERYWHERE = List.of(
            "data.threads=0",
            "data.crop=middle",
            "training.rate=-1",
            "training.warmup=1.5",
            "training.stps=7",
            "sed=1");

    private static final List<String> REPORTED = List.of(
            ": data: threads is 0; expected a whole number, 1 or more",
            ": data: crop is \"middle\"; expected one of centre, random",
            ": training: rate is -1; expected a number, more than 0",
            ": training: warmup is 1.5; expected a whole number, 0 or more",
            ": training: stps is no key here, the nearest is \"steps\" of ",
            ": sed is no key here, the nearest is \"seed\" of ");

    private static final Map<TrainingKind, Map<String, String>> OWN = ImmutableMap.of(
            TrainingKind.AUTOENCODER,
                    ImmutableMap.of(
                            "loss.kl=-1", ": loss: kl is -1; expected a number, 0 or more",
                            "loss.discriminator={layers: 0}", ": loss: discriminator: layers is 0; expected ",
                            "loss.perceptual={weight: 2}", ": loss: perceptual: from is missing; expected a value",
                            "model.config.latent_chanels=3", ": model: config: latent_chanels is no key here, "),
            TrainingKind.TEXT_TO_IMAGE,
                    ImmutableMap.of(
                            "autoencoder=null", ": autoencoder is missing; expected its folder, or model",
                            "unet.config.block_out_channels=[16]", ": unet: config: ",
                            "text_encoder.config.hidden_siz=3", ": text_encoder: config: hidden_siz is no key here",
                            "scheduler._class_name=null",
                                    ": scheduler: _class_name is missing; expected one of DDIMScheduler, ",
                            "scheduler.beta_strt=1", ": scheduler: beta_strt is no key of schedulers",
                            "loss.caption_dropout=2", ": loss: caption_dropout is 2; expected a number, 0 to 1"),
            TrainingKind.DDPM,
                    ImmutableMap.of(
                            "scheduler=null", ": scheduler is missing; expected what scheduler_config.json has",
                            "samples.count=65", ": samples: count is 65; expected a whole number, 0 to 64",
                            "loss.noise_offset=2", ": loss: noise_offset is 2; expected a number, 0 to 1"),
            TrainingKind.LORA,
                    ImmutableMap.of(
                            "model=null", "",
                            "adapter.rank=0", ": adapter: rank is 0; expected a whole number, 1 or more",
                            "adapter.unet.targets=['re:(']",
                                    ": adapter: unet: the target re:( is no regular expression",
                            "adapter.file.type=i64", ": adapter: file: type is ",
                            "prior.weight=0", ": prior: weight is 0; expected a number, more than 0",
                            "data_type=float8", ": data type is \"float8\"; expected auto, float32",
                            "variant=fp16", ": variant is \"fp16\"; expected none, as the model that ships with"),
            TrainingKind.TEXTUAL_INVERSION,
                    ImmutableMap.of(
                            "words.vectors=0", ": words: vectors is 0; expected a whole number, 1 or more",
                            "words.initial=[]", ": words: tokens has 1 and initial has 0; expected one or more",
                            "samples.guidance_scale=101",
                                    ": samples: guidance_scale is 101; expected a number, 0 to 100"));

    @TempDir
    private Path folder;

    @Test
    void areRefusedInOneErrorBeforeTheFolderIsMade() throws IOException {
        for (TrainingKind kind : TrainingKind.values()) {
            Path file = Files.writeString(folder.resolve(kind + ".yaml"), kind.example());
            List<String> changes = Stream.concat(EVERYWHERE.stream(), OWN.get(kind).keySet().stream())
                    .toList();
            Throwable thrown = catchThrowable(() -> open(kind, file, changes));
            assertThat(thrown).as(kind.toString()).isInstanceOf(IllegalArgumentException.class);
            List<String> problems = Splitter.on("; " + file + ": ").splitToList(thrown.getMessage());
            String all = thrown.getMessage();
            REPORTED.forEach(each -> assertThat(all).as(kind.toString()).containsOnlyOnce(file + each));
            OWN.get(kind)
                    .values()
                    .forEach(each -> assertThat(all).as(kind.toString()).contains(file + each));
            assertThat(problems).as("each once").hasSize(changes.size() - (kind == TrainingKind.LORA ? 1 : 0));
            assertThat(folder.resolve(kind.toString())).doesNotExist();
        }
    }

    private static void open(TrainingKind kind, Path file, List<String> changes) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            kind.open(file, new StartOptions(true, changes), manager, new Silent(loss -> {}))
                    .close();
        }
    }

    @Test
    void leaveARunWhereItIsThatIsToBeBegunAnew() throws IOException {
        Path file = Files.writeString(folder.resolve("ddpm.yaml"), TrainingKind.DDPM.example());
        Path run = Files.createDirectories(folder.resolve("ddpm"));
        Files.writeString(run.resolve("metrics.csv"), "step");
        assertThat(catchThrowable(() -> open(TrainingKind.DDPM, file, List.of("training.steps=0"))))
                .hasMessageContaining("steps is 0");
        List<String> gone = List.of("data={folder: gone}");
        assertThat(catchThrowable(() -> open(TrainingKind.DDPM, file, gone)))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("gone") + ": is not a folder; expected one with images and captions");
        assertThat(run.resolve("metrics.csv")).exists();
        assertThat(folder.resolve("ddpm-1")).doesNotExist();
    }

    @Test
    void refuseAConfigBesideTheFolderThatHasItsOwn() throws IOException {
        Files.createDirectories(folder.resolve("vae"));
        Files.writeString(folder.resolve("vae/config.json"), "{\"block_out_channels\": [32, 32]}");
        Config file = Config.parseYaml(
                "run.yaml", folder, "{output: run, data: {scenes: 99}, model: {from: vae, config: {act_fn: silu}}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AutoencoderPlan.read(file, false))
                .withMessageStartingWith(
                        "run.yaml: model: config is {\"act_fn\":\"silu\"}; expected none, as the folder ");
    }
}
