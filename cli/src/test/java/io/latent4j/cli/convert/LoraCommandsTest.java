package io.latent4j.cli.convert;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.config.Config;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.LoraFile;
import io.latent4j.lora.LoraNaming;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.LearnedWord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters on the command line: {@code generate} and {@code inspect}. */
class LoraCommandsTest {
    private static final String LAYER = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";

    @TempDir
    private static Path folder;

    private static Path ink;

    @BeforeAll
    static void write() throws IOException {
        long width;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            width = Config.read(model.folder().resolve("text_encoder").resolve("config.json"))
                    .integer("hidden_size");
        }
        ink = Files.createDirectories(folder.resolve("loras").resolve("styles")).resolve("ink.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(1);
            Map<String, NDArray> tensors = Map.of(
                    LAYER + ".lora_down.weight", random.normal(manager, new Shape(2, width)),
                    LAYER + ".lora_up.weight", random.normal(manager, new Shape(width, 2)),
                    LAYER + ".alpha", manager.create(1.5f));
            SafeTensors.write(ink, tensors, Map.of("ss_base_model_version", "shapes"));
        }
    }

    private static CommandRun generate(String prompt, String file, String... options) {
        String[] first = {
            "generate",
            prompt,
            "--seed",
            "7",
            "--steps",
            "1",
            "-q",
            "-o",
            folder.resolve(file).toString()
        };
        String[] all = Arrays.copyOf(first, first.length + options.length);
        System.arraycopy(options, 0, all, first.length, options.length);
        return CommandRun.of(all);
    }

    @Test
    void anAdapterByOptionAndByNameIsTheSame() throws IOException {
        CommandRun plain = generate("a star", "plain.png");
        CommandRun option = generate("a star", "option.png", "--lora", ink + ":0.8");
        CommandRun tag = generate(
                "a star <lora:Ink:0.8>",
                "tag.png",
                "--lora-dir",
                folder.resolve("loras").toString());

        assertThat(plain.code()).isZero();
        assertThat(option.code()).as(option.err()).isZero();
        assertThat(tag.code()).as(tag.err()).isZero();
        String parameters = PngFile.readText(folder.resolve("tag.png")).get("parameters");
        assertThat(parameters).startsWith("a star <lora:ink:0.8>\nSteps: 1,");
        assertThat(PngFile.readText(folder.resolve("option.png"))).containsEntry("parameters", parameters);
        assertThat(Files.readAllBytes(folder.resolve("option.png")))
                .isEqualTo(Files.readAllBytes(folder.resolve("tag.png")))
                .isNotEqualTo(Files.readAllBytes(folder.resolve("plain.png")));
    }

    @Test
    void stepsAndBlocksHaveStrengthsOfTheirOwn() throws IOException {
        CommandRun plain = generate("a star", "without-any.png");
        CommandRun rising = generate("a star", "rising.png", "--lora", ink + ":1:0@0,0.8@1");
        CommandRun none = generate("a star", "none.png", "--lora", ink + ":0.8:*=0");
        assertThat(plain.code()).isZero();
        assertThat(rising.code()).as(rising.err()).isZero();
        assertThat(none.code()).as(none.err()).isZero();
        assertThat(PngFile.readText(folder.resolve("rising.png")).get("parameters"))
                .startsWith("a star <lora:ink:1:0@0,0.8@1>\n");
        assertThat(PngFile.readText(folder.resolve("none.png")).get("parameters"))
                .startsWith("a star <lora:ink:0.8:*=0>\n");
        assertThat(pixels("none.png")).isEqualTo(pixels("without-any.png"));
    }

    private static int[] pixels(String file) throws IOException {
        BufferedImage image = ImageIO.read(folder.resolve(file).toFile());
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @Test
    void refusesNamesItCannotFindAndSaysWhichAreNear() {
        CommandRun run = generate(
                "a star <lora:inkk>",
                "no.png",
                "--lora-dir",
                folder.resolve("loras").toString());
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.err()).contains("the prompt names the adapter \"inkk\"", "near it are ink");

        assertThat(generate("a star <lora:ink>", "no.png").err())
                .contains("the prompt names adapters, but there is no --lora-dir");
        assertThat(generate("a star <lora:ink:strong>", "no.png").err())
                .contains("the prompt has <lora:ink:strong>: the strength is \"strong\"; expected a number");
        assertThat(generate("a star", "no.png", "--lora", "nowhere.safetensors:1")
                        .err())
                .contains("nowhere.safetensors:1: there is no such regular file");
        assertThat(folder.resolve("no.png")).doesNotExist();
    }

    @Test
    void inspectReportsAnAdapter() {
        CommandRun run = CommandRun.of("inspect", ink.toString());
        assertThat(run.out())
                .containsPattern("adapter +1 layer LoRA")
                .containsPattern("names +kohya")
                .containsPattern("rank +2")
                .containsPattern("alpha +1\\.5")
                .containsPattern("made for +shapes")
                .contains("3 tensors");
        JsonObject json = JsonParser.parseString(
                        CommandRun.of("inspect", ink.toString(), "--json").out())
                .getAsJsonObject()
                .getAsJsonObject("adapter");
        assertThat(json.getAsJsonObject("layers").get("LoRA").getAsInt()).isEqualTo(1);
        assertThat(json.getAsJsonArray("alphas").get(0).getAsDouble()).isEqualTo(1.5);
    }

    @Test
    void inspectComparesAnAdapterWithAModel() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            String folder = model.folder().toString();
            CommandRun run = CommandRun.of("inspect", ink.toString(), "--model", folder);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).containsPattern("matched +1 of 1 layer");
            JsonObject json = JsonParser.parseString(
                            CommandRun.of("inspect", ink.toString(), "--model", folder, "--json")
                                    .out())
                    .getAsJsonObject()
                    .getAsJsonObject("adapter");
            assertThat(json.get("matched").getAsInt()).isEqualTo(1);
            assertThat(json.getAsJsonArray("unmatched")).isEmpty();
            Path other = LoraCommandsTest.folder.resolve("flux.safetensors");
            try (NDManager manager = NDManager.newBaseManager()) {
                String layer = "lora_unet_double_blocks_0_img_attn_proj";
                SafeTensors.write(
                        other,
                        Map.of(
                                layer + ".lora_down.weight", manager.ones(new Shape(2, 4)),
                                layer + ".lora_up.weight", manager.ones(new Shape(4, 2))),
                        Map.of());
            }
            assertThat(CommandRun.of("inspect", other.toString(), "--model", folder)
                            .out())
                    .contains("an adapter that cannot be used: ", "the model has none of its layers", "made for Flux");
        }
    }

    @Test
    void inspectSaysWhyAnAdapterCannotBeUsed() throws IOException {
        Path file = folder.resolve("half.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            SafeTensors.write(file, Map.of(LAYER + ".lora_down.weight", manager.ones(new Shape(2, 4))), Map.of());
        }
        CommandRun run = CommandRun.of("inspect", file.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("an adapter that cannot be used: ", "but no UP tensor");
    }

    @Test
    void editedAdaptersAreFilesThatAreUsed() throws IOException {
        Path both = folder.resolve("both.safetensors");
        CommandRun merged =
                CommandRun.of("lora", "merge", ink + ":0.5", ink.toString(), "--type", "f32", "-o", both.toString());
        assertThat(merged.code()).as(merged.err()).isZero();
        assertThat(merged.out()).isEqualTo(both + System.lineSeparator());
        assertThat(merged.err()).contains("1 layer, 100.00% of the change kept");
        assertThat(LoraFile.read(both).report().ranks()).containsExactly(4L);

        Path small = folder.resolve("small.safetensors");
        CommandRun resized = CommandRun.of("lora", "resize", both.toString(), "--rank", "2", "-o", small.toString());
        assertThat(resized.code()).as(resized.err()).isZero();
        assertThat(resized.err()).contains("100.00% of the change kept"); // the same twice is still of rank 2

        Path peft = folder.resolve("peft.safetensors");
        CommandRun converted =
                CommandRun.of("lora", "convert", ink.toString(), "--naming", "peft", "-o", peft.toString());
        assertThat(converted.code()).as(converted.err()).isZero();
        assertThat(LoraFile.read(peft).report().namings()).containsExactly(LoraNaming.PEFT);
        assertThat(LoraFile.read(peft).report().alphas()).containsExactly(1.5);
        assertThat(LoraFile.read(peft).report().metadata())
                .containsEntry("ss_base_model_version", "shapes")
                .containsEntry("ss_network_dim", "2");
    }

    @Test
    void anAdapterInTheWeightsIsExtractedFromThem() throws IOException {
        Path model = folder.resolve("model");
        CommandRun fused = CommandRun.of("lora", "merge", ink.toString(), "--into", model.toString(), "--type", "f32");
        assertThat(fused.code()).as(fused.err()).isZero();
        Path found = folder.resolve("found.safetensors");
        CommandRun extracted =
                CommandRun.of("lora", "extract", model.toString(), "--rank", "2", "-o", found.toString());
        assertThat(extracted.code()).as(extracted.err()).isZero();
        assertThat(extracted.err()).contains("1 layer, 100.00% of the change kept");
    }

    @Test
    void anAdapterIsMergedIntoASingleFileToo() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        CommandRun fused = CommandRun.of("lora", "merge", ink.toString(), "--into", file.toString(), "--type", "f32");
        assertThat(fused.code()).as(fused.err()).isZero();
        try (Checkpoint whole = Checkpoint.open(file)) {
            assertThat(whole.tensors()).containsKey("model.diffusion_model.out.2.weight");
        }
        assertThat(CommandRun.of("lora", "merge", ink.toString(), "--into", file.toString())
                        .message())
                .contains("is there already; expected the name of a new folder or file");
    }

    @Test
    void whatIsForAnAdaptersFileDoesNotGoIntoAModel() {
        CommandRun run = CommandRun.of(
                "lora", "merge", ink.toString(), "--into", folder + "/new", "--rank", "2", "--naming", "peft");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message()).contains("--rank, --naming: for the file of an adapter, and --into writes a model");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void whatIsForSingleFilesIsRefusedWithoutOne() {
        CommandRun run = CommandRun.of(
                "lora", "extract", folder.toString(), "--rank", "2", "-o", folder + "/x", "--tokenizer", "" + folder);
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message())
                .contains("--tokenizer: for a model in a single file; found the embedded model and " + folder
                        + ", which are none; leave out --tokenizer");
    }

    /** The embedded model has other heads than the published ones, so its folder's settings go with it. */
    @Test
    void theModelOfEditsMayBeASingleFile() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            String base = folder.resolve("base.safetensors").toString();
            CommandRun converted = CommandRun.of("convert", model.folder().toString(), base, "--json");
            assertThat(converted.code()).as(converted.err()).isZero();
            assertThat(JsonParser.parseString(converted.out())
                            .getAsJsonObject()
                            .get("layout")
                            .getAsString())
                    .isEqualTo("original");
            String config = "--config=" + model.folder();
            String tuned = folder.resolve("tuned.safetensors").toString();
            CommandRun fused = CommandRun.of(
                    "lora", "merge", ink.toString(), "--into", tuned, "--type", "f32", "-m", base, config);
            assertThat(fused.code()).as(fused.err()).isZero();
            String found = folder.resolve("of-files.safetensors").toString();
            CommandRun extracted =
                    CommandRun.of("lora", "extract", tuned, "--rank", "2", "-o", found, "-m", base, config, "--json");
            assertThat(extracted.code()).as(extracted.err()).isZero();
            JsonObject facts = JsonParser.parseString(extracted.out()).getAsJsonObject();
            assertThat(facts.get("output").getAsString()).isEqualTo(found);
            assertThat(facts.get("layers").getAsInt()).isEqualTo(1);
            assertThat(facts.get("kept").getAsDouble()).isGreaterThan(0.999);
            CommandRun inspected = CommandRun.of("inspect", ink.toString(), "-m", base, config);
            assertThat(inspected.out()).containsPattern("matched +1 of 1 layer");
        }
    }

    @Test
    void refusesEditsThatCannotBeMade() {
        assertThat(CommandRun.of("lora", "resize", ink.toString(), "--rank", "0", "-o", "a.safetensors")
                        .message())
                .contains("rank is 0; expected 1 or more");
        assertThat(CommandRun.of("lora", "convert", ink.toString(), "--naming", "other", "-o", "a.safetensors")
                        .message())
                .contains("naming is \"other\"; expected kohya, peft or diffusers");
        assertThat(CommandRun.of("lora").message()).contains("there are: merge, resize, extract, convert");
    }

    @Test
    void aLearnedWordIsReadByItsOwnOrAnotherName() throws IOException {
        Path file;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            file = moon(model);
        }
        CommandRun own = generate("a <moon>", "own.png", "--embedding", file.toString());
        CommandRun other = generate("a big moon", "other.png", "--embedding", "moon=" + file);
        assertThat(own.code()).as(own.err()).isZero();
        assertThat(other.code()).as(other.err()).isZero();
        CommandRun without = generate("a big moon", "without.png");
        assertThat(without.code()).isZero();
        assertThat(folder.resolve("other.png")).isRegularFile();
        assertThat(Files.readAllBytes(folder.resolve("other.png")))
                .isNotEqualTo(Files.readAllBytes(folder.resolve("without.png")));
        CommandRun odd = generate("a moon", "odd.png", "--embedding", "m/on=" + file);
        assertThat(odd.code())
                .as("a word that no file can be called: " + odd.err())
                .isZero();
        CommandRun unseen = generate("a moon", "unseen.png", "--embedding", "m\0on=" + file);
        assertThat(unseen.code()).isEqualTo(1);
        assertThat(unseen.err()).contains("the learned word is \"m?on\"; expected", "no control characters");
        assertThat(folder.resolve("unseen.png")).doesNotExist();
    }

    private static Path moon(EmbeddedModel model) throws IOException {
        Path file = folder.resolve("word.safetensors");
        long width = Config.read(model.folder().resolve("text_encoder").resolve("config.json"))
                .integer("hidden_size");
        try (NDManager manager = NDManager.newBaseManager()) {
            SafeTensors.write(
                    file, Map.of("<moon>", new TorchRandom(2).normal(manager, new Shape(2, width))), Map.of());
        }
        return file;
    }

    @Test
    void aRefinerReadsLearnedWordsAndSettingsToo() throws IOException {
        Path out = folder.resolve("refined.png");
        try (EmbeddedModel model = EmbeddedModel.unpack();
                Components own = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            Path file = moon(model);
            CommandRun run = CommandRun.of(
                    "generate",
                    "a <moon>",
                    "--seed=7",
                    "--steps=4",
                    "--embedding=" + file,
                    "--scheduler-setting=timestep_spacing=trailing",
                    "--refiner=" + model.folder(),
                    "--refiner-start=0.5",
                    "--output=" + out);
            assertThat(run.code()).as(run.err()).isZero();

            LearnedWord word = LearnedWord.read(file, Optional.empty(), own.manager());
            Components parts = own.withWords(List.of(word))
                    .withScheduler(own.scheduler().withSetting("timestep_spacing", "trailing"));
            BufferedImage expected = new TextToImagePipeline(parts)
                    .withRefiner(parts, 0.5)
                    .generate(new GenerationRequest("a <moon>").withSeed(7).withSteps(4))
                    .image();
            BufferedImage made = ImageIO.read(out.toFile());
            assertThat(made.getRGB(0, 0, 64, 64, null, 0, 64)).isEqualTo(expected.getRGB(0, 0, 64, 64, null, 0, 64));
        }
    }

    @Test
    void aWordThatAnAdapterBringsIsReadAndKept() throws IOException {
        Path bundle = folder.resolve("bundle.safetensors");
        try (Checkpoint stored = Checkpoint.open(ink);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new TreeMap<>();
            for (String key : stored.tensors().keySet()) {
                tensors.put(key, stored.read(key, manager));
            }
            long width =
                    stored.tensors().get(LAYER + ".lora_down.weight").shape().get(1);
            tensors.put(
                    "bundle_emb.my word.string_to_param.*", new TorchRandom(2).normal(manager, new Shape(2, width)));
            SafeTensors.write(bundle, tensors, Map.of());
        }
        CommandRun with = generate("My Word", "bundled.png", "--lora", bundle.toString());
        CommandRun without = generate("my word", "unbundled.png", "--lora", ink.toString());
        assertThat(with.code()).as(with.err()).isZero();
        assertThat(without.code()).as(without.err()).isZero();
        assertThat(with.err()).isEmpty();
        assertThat(pixels("bundled.png")).isNotEqualTo(pixels("unbundled.png"));

        Path converted = folder.resolve("bundle-peft.safetensors");
        assertThat(CommandRun.of("lora", "convert", bundle.toString(), "--naming", "peft", "-o", converted.toString())
                        .err())
                .isEmpty();
        assertThat(LoraFile.read(converted).report().words()).containsExactly("my word");
        CommandRun fused = CommandRun.of("lora", "merge", bundle.toString(), "--into", folder + "/bundled-model");
        assertThat(fused.err()).contains("warning: the adapter bundle brings learned words, my word, which are not");
    }

    @Test
    void warnsOfTensorsThatItIgnores() throws IOException {
        Path file = folder.resolve("stray.safetensors");
        try (Checkpoint stored = Checkpoint.open(ink);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> tensors = new TreeMap<>();
            for (String key : stored.tensors().keySet()) {
                tensors.put(key, stored.read(key, manager));
            }
            tensors.put("stray", manager.ones(new Shape(1)));
            tensors.put("lora_unet_nowhere.lora_down.weight", manager.ones(new Shape(1, 4)));
            tensors.put("lora_unet_nowhere.lora_up.weight", manager.ones(new Shape(4, 1)));
            SafeTensors.write(file, tensors, Map.of());
        }
        String[] warnings = {
            "warning: the adapter stray has 1 of 2 layers that this model has not, lora_unet_nowhere for instance; it is"
                    + " ignored",
            "warning: the adapter stray has 1 tensor that is no adapter's, stray; it is ignored"
        };
        String out = folder.resolve("stray-out.safetensors").toString();
        assertThat(generate("a star", "stray.png", "--lora", file.toString()).err())
                .contains(warnings);
        assertThat(CommandRun.of("lora", "merge", file.toString(), "-o", out).err())
                .contains(warnings);
        assertThat(CommandRun.of("lora", "merge", file.toString(), "--into", folder + "/stray-model")
                        .err())
                .contains(warnings);
        assertThat(CommandRun.of("lora", "convert", file.toString(), "-o", out).err())
                .contains(warnings);
        assertThat(CommandRun.of("lora", "resize", file.toString(), "--rank", "1", "-o", out)
                        .err())
                .contains(warnings);
    }

    @Test
    void aWordOfAnOptionThatNoPromptHasIsAWarning() throws IOException {
        Path file;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            file = moon(model);
        }
        assertThat(generate("a star", "idle.png", "--embedding", file.toString())
                        .err())
                .contains("warning: the learned word <moon> is in no prompt; its embedding has no effect");
        assertThat(generate("a star", "negative.png", "-n", "<MOON>", "--embedding", file.toString())
                        .err())
                .isEmpty();
    }

    @Test
    void aFolderOfAdaptersMayHaveLinksInACircle() throws IOException {
        Path circle = Files.createDirectories(folder.resolve("circle").resolve("below"));
        Files.createSymbolicLink(circle.resolve("above"), folder.resolve("circle"));
        Files.createSymbolicLink(circle.resolve("nothing"), folder.resolve("is-not-there"));
        Files.createSymbolicLink(circle.resolve("linked.safetensors"), ink);
        CommandRun run =
                generate("a star <lyco:linked:te=0.5:unet=0.25>", "linked.png", "--lora-dir", circle.getParent() + "");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(PngFile.readText(folder.resolve("linked.png")).get("parameters"))
                .startsWith("a star <lora:linked:0.5:0.25>\n");
    }

    @Test
    void makesAnImageWithAdaptersAgain() throws IOException {
        assertThat(generate("a star", "first.png", "--lora", ink + ":0.8:0.5:down_blocks.*=0")
                        .code())
                .isZero();
        String first = folder.resolve("first.png").toString();
        for (List<String> where : List.of(
                List.of("--lora-dir", folder.resolve("loras").toString()),
                List.of("--lora", ink + ":0.8:0.5:down_blocks.*=0"))) {
            CommandRun run = CommandRun.of(
                    "generate", "--from", first, where.get(0), where.get(1), "-q", "-o" + folder.resolve("again.png"));
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(folder.resolve("again.png")).hasSameBinaryContentAs(Path.of(first));
        }
    }

    @Test
    void saysWhichOfTwoAdaptersOfOneNameIsTaken() throws IOException {
        Path twins = folder.resolve("twins");
        Files.createDirectories(twins.resolve("old"));
        Files.copy(ink, twins.resolve("ink.safetensors"));
        Files.copy(ink, twins.resolve("old/ink.safetensors"));
        CommandRun run = generate("a star <lora:ink>", "twins.png", "--lora-dir", "" + twins);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("warning: there are 2 adapters called ink; taken is " + twins.resolve("ink.safetensors")
                        + ", and not " + twins.resolve("old/ink.safetensors"));
    }

    @Test
    void refusesArgumentsThatAreNeitherKnownNorLayers() {
        CommandRun run = generate("a star", "no.png", "--lora", ink + ":0.8:start=3");
        assertThat(run.code()).isEqualTo(ExitCode.BAD_REQUEST);
        assertThat(run.message()).contains("the adapter ink is given start=, which is neither an argument nor one of");
    }

    /** The commands of docs/lora.md, one after the other, in runs that are made short. */
    @Test
    void theDocumentedCommandsWork() throws IOException {
        Path work = Files.createDirectories(folder.resolve("documented"));
        Path images = Files.createDirectories(work.resolve("images"));
        for (int i = 0; i < 4; i++) {
            BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i, 0xFFFFFF);
            ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
        }
        String page = Files.readString(Path.of(System.getProperty("latent4j.root", ".."), "docs", "lora.md"));
        List<String> commands =
                page.lines().filter(line -> line.startsWith("latent4j ")).toList();
        assertThat(commands).hasSize(6);
        for (String command : commands) {
            Matcher words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(command);
            List<String> arguments = words.results()
                    .skip(1)
                    .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
                    .map(word -> word.matches(".*\\.(yaml|safetensors)")
                            ? work.resolve(word).toString()
                            : word)
                    .collect(Collectors.toList());
            int into = arguments.indexOf(">");
            if (into >= 0) {
                CommandRun run = CommandRun.of(arguments.subList(0, into).toArray(String[]::new));
                assertThat(run.code()).as(command + ": " + run.err()).isZero();
                String shorter = run.out()
                        .replaceAll("(?m)^  steps: \\d+", "  steps: 2")
                        .replaceAll("(?m)^  warmup: \\d+", "  warmup: 1")
                        .replaceAll("(?m)^  scenes: \\d+", "  scenes: 8")
                        .replaceAll("(?m)^  set_aside: \\d+", "  set_aside: 0");
                Files.writeString(Path.of(arguments.get(into + 1)), shorter);
                continue;
            }
            if (arguments.get(0).equals("generate")) {
                arguments.addAll(List.of(
                        "--steps=1", "-q", "-o", work.resolve("made.png").toString()));
            }
            CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
            assertThat(run.code()).as(command + ": " + run.err()).isZero();
            if (arguments.get(0).equals("generate")) {
                assertThat(run.err()).as(command).doesNotContain("warning");
            }
        }
    }
}
