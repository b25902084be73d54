package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.StoredType;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.ImageFolderWriter;
import io.latent4j.training.model.TokenizerTraining;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.run.ModelFolder;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextToImageTrainingTest {
    private static final int STEPS = 8;

    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();

    /** Ten images, each of another colour, wide and tall by turns. */
    @BeforeEach
    void makeImagesAndAutoencoder() throws IOException {
        List<CaptionedImage> images = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            boolean wide = i % 2 == 0;
            BufferedImage image = new BufferedImage(wide ? 40 : 20, wide ? 20 : 40, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(Color.getHSBColor(i / 10f, 1, 1));
            graphics.fillRect(0, 0, 15, 15);
            graphics.dispose();
            images.add(CaptionedImage.of("image " + i, image, "image number " + i));
        }
        ImageFolderWriter.write(CaptionedImages.of(images), folder.resolve("images"), i -> {});
        JsonObject config = JsonParser.parseString("""
                {"in_channels": 3, "out_channels": 3, "latent_channels": 4, "block_out_channels": [8, 8],
                 "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
                 "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "norm_num_groups": 4,
                 "layers_per_block": 1, "act_fn": "silu", "scaling_factor": 1}
                """).getAsJsonObject();
        try (NDManager manager = NDManager.newBaseManager()) {
            AutoencoderKL vae = new AutoencoderKL(AutoencoderKLConfig.from(Config.of("vae", config)));
            Initialization.fill(vae, manager, 1);
            ModelFolder.part(folder.resolve("vae"), config, vae, "diffusion_pytorch_model.safetensors", StoredType.F32);
        }
    }

    /** Two shapes, flips, kept latents, kept texts, parts of steps: none of it depends on where a run began. */
    @Test
    void goesOnAsIfItHadNeverStopped() throws IOException {
        makeTextEncoder();
        String[] changes = {
            "data.buckets=true",
            "data.size=32",
            "data.flip=0.5",
            "data.threads=2",
            "loss.caption_dropout=0.3",
            "training.accumulate=2",
            "text_encoder={train: false, from: text}",
            "tokenizer={from: tokenizer}"
        };
        List<Double> whole = run("whole", STEPS, changes);
        assertThat(notes).anyMatch(note -> note.matches(".*latents are kept in .*cache \\(0 latents\\)"));
        List<Double> first = run("parts", 5, changes); // the newest checkpoint is of step 4
        notes.clear();
        List<Double> rest = run("parts", STEPS, changes);
        assertThat(notes)
                .anyMatch(note ->
                        note.matches("images whose latents are not in .*cache \\([1-9]\\d* latents\\) are encoded .*"));
        assertThat(first).isEqualTo(whole.subList(0, 5));
        assertThat(rest).isEqualTo(whole.subList(4, STEPS));
        assertThat(names(folder.resolve("parts/cache")))
                .anyMatch(name -> name.startsWith("latents-"))
                .anyMatch(name -> name.startsWith("texts-"));
    }

    @Test
    void goesOnWithTheTokenizerThatItBeganWith() throws IOException {
        run("run", 5);
        String vocabulary = Files.readString(folder.resolve("run/tokenizer/vocab.json"));
        Path captions = folder.resolve("images/metadata.jsonl");
        Files.writeString(captions, Files.readString(captions).replace("image number", "photograph numero"));
        run("run", STEPS, "tokenizer.max_length=9");
        assertThat(notes).anyMatch(note -> note.startsWith("going on from the checkpoint, with its tokenizer; "));
        assertThat(folder.resolve("run/tokenizer/vocab.json")).hasContent(vocabulary);
        assertThat(folder.resolve("run/model/tokenizer/vocab.json")).hasContent(vocabulary);
    }

    @Test
    void refusesAVocabularyThatTheTextEncoderDoesNotKnow() throws IOException {
        makeTextEncoder();
        TokenizerTraining.write(List.of("image number"), 520, 20, folder.resolve("long"));
        refuses("tokenizer.from=tokenizer", "entries is 520; expected none, as the tokenizer that from names has");
        String text = "text_encoder={from: text}";
        refuses(text, "entries is 520; expected none, as the text encoder in " + folder.resolve("text") + " has");
        refuses(List.of(text, "tokenizer={max_length: 9}"), "max_length is 9; expected none, as the text encoder");
        refuses(List.of(text, "tokenizer={}"), "tokenizer: from is missing; expected the folder of the tokenizer that");
        refuses(
                List.of(text, "tokenizer={from: long}"),
                "has 514 entries and 20 tokens a text, the text encoder in " + folder.resolve("text")
                        + " takes at most 514 and 16; expected the tokenizer that belongs to it");
    }

    @Test
    void learnsTheSameFromLatentsThatAreKeptElsewhere() throws IOException {
        List<Double> first = run("first", STEPS, "cache=kept");
        List<Double> second = run("second", STEPS, "cache=kept");
        assertThat(second).isEqualTo(first);
        assertThat(folder.resolve("second/cache")).doesNotExist();
    }

    @Test
    void keepsNoLatentsOfRandomCrops() throws IOException {
        List<Double> whole = run("whole", STEPS, "data.crop=random");
        assertThat(names(folder.resolve("whole/cache"))).noneMatch(name -> name.startsWith("latents-"));
        run("parts", 5, "data.crop=random");
        assertThat(run("parts", STEPS, "data.crop=random")).isEqualTo(whole.subList(4, STEPS));
    }

    @Test
    void saysWhatItLeavesOutAndCutsOff() throws IOException {
        Path images = folder.resolve("images");
        cutOff(images.resolve("000000.png"));
        Files.writeString(
                images.resolve("metadata.jsonl"),
                Files.readString(images.resolve("metadata.jsonl")).replace("image number 3", "  "));
        run("run", STEPS, "tokenizer.max_length=4", "data.set_aside=1");
        assertThat(notes)
                .anyMatch(note -> note.matches("left out 1 image of .*the caption of 000003.png is empty.*"))
                .anyMatch(note -> note.matches("\\d+ of 9 captions (is|are) longer than 4 tokens.* loses \".*\""))
                .anyMatch(note -> note.matches(".*000000.png: cannot be read as an image.*\\(left out\\)"));
    }

    @Test
    void stopsAtADamagedImageIfAsked() throws IOException {
        cutOff(folder.resolve("images/000000.png"));
        assertThatThrownBy(() -> run("run", STEPS, "data.damaged=stop"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("000000.png: cannot be read as an image")
                .hasMessageContaining("replace or remove it");
    }

    @Test
    void saysThatABucketHasLessThanABatch() throws IOException {
        run("run", 1, "data.buckets=true", "data.size=32", "training.batch=6", "data.set_aside=0");
        String warning = "fewer images than a batch of 6 for ";
        assertThat(notes).filteredOn(note -> note.startsWith(warning)).hasSize(1);
        notes.clear();
        String[] epochs = {
            "data.buckets=true",
            "data.size=32",
            "training.batch=6",
            "data.set_aside=0",
            "training.steps=null",
            "training.epochs=1"
        };
        run("epochs", 1, epochs);
        assertThat(notes).filteredOn(note -> note.startsWith(warning)).hasSize(1);
    }

    @Test
    void refusesPartsThatDoNotFitEachOther() {
        refuses(
                "unet.config.in_channels=3",
                "unet: in_channels is 3; expected 4, the latent_channels of the autoencoder");
        refuses("unet.config.out_channels=8", "unet: out_channels is 8; expected 4");
        refuses(
                "unet.config.cross_attention_dim=24",
                "unet: cross_attention_dim is 24; expected 16, the text encoder's hidden_size");
        refuses(
                "unet.config.time_cond_proj_dim=8",
                "unet: was distilled from a guided one (LCM) and takes the guidance");
        refuses(
                "unet.config.layers_per_blok=2",
                "unet: config: layers_per_blok is no key here, the nearest is \"layers_per_block\"");
        refuses("text_encoder.config.heads=2", "text_encoder: config: heads is no key here");
        refuses("scheduler.beta_strt=0.1", "scheduler: beta_strt is no key of schedulers; the nearest are beta_start");
        refuses("data.size=17", "data: size is 17; expected a multiple of 2");
        refuses("data.flip=2", "data: flip is 2; expected a number, 0 to 1");
        refuses(
                "data={scenes: 10, set_aside: 2, flip: 0.5}",
                "expected 0, as the captions of these scenes say left of");
    }

    private void refuses(String change, String message) {
        refuses(List.of(change), message);
    }

    private void refuses(List<String> changes, String message) {
        assertThatThrownBy(() -> run("refused", STEPS, changes.toArray(String[]::new)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static void cutOff(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void makeTextEncoder() throws IOException {
        TokenizerTraining.write(List.of("image number"), 520, 16, folder.resolve("tokenizer"));
        try (NDManager manager = NDManager.newBaseManager();
                ClipTokenizer tokenizer = ClipTokenizer.read(folder.resolve("tokenizer"))) {
            ClipTextModel text = TinyModels.textEncoder(manager, tokenizer, 1);
            JsonObject config = JsonParser.parseString("""
                    {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
                     "max_position_embeddings": 16, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}
                    """).getAsJsonObject();
            config.addProperty("vocab_size", tokenizer.vocabularySize());
            config.addProperty("eos_token_id", tokenizer.eos());
            ModelFolder.part(folder.resolve("text"), config, text, "model.safetensors", StoredType.F32);
        }
    }

    /** The losses of steps up to {@code until}, where the run dies. */
    private List<Double> run(String name, int until, String... changes) throws IOException {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, """
                output: %s
                data: {folder: images, size: 16, set_aside: 2}
                autoencoder: vae
                tokenizer: {entries: 520, max_length: 16}
                text_encoder:
                  config: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2,
                    hidden_act: quick_gelu, layer_norm_eps: 1e-5}
                unet: {config: %s}
                scheduler: {_class_name: DDIMScheduler, num_train_timesteps: 100, prediction_type: v_prediction}
                training: {steps: %d, batch: 2, rate: 0.001, checkpoint_every: 4, validate_every: 4}
                """.formatted(name, TinyModels.unetConfig(), STEPS));
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                TextToImageTraining training = TextToImageTraining.open(
                        file, new StartOptions(false, List.of(changes)), manager, new Noting(losses, until))) {
            training.run();
        } catch (Died e) {
            assertThat(losses).hasSize(until);
        }
        return losses;
    }

    /** Writes down what it hears, until the run dies. */
    private final class Noting implements TrainingLoop.Watcher {
        private final List<Double> losses;
        private final int until;

        Noting(List<Double> losses, int until) {
            this.losses = losses;
            this.until = until;
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }

        @Override
        public void stepped(long step, double loss, double rate) {
            losses.add(loss);
            if (step == until && until < STEPS) {
                throw new Died();
            }
        }
    }

    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
