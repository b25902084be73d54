package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Config;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.hub.FakeHub;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of README and {@code docs}. Each is understood by the command line, and each that is not listed with a
 * reason runs, as it is written, in a shell and a folder of its page: those of {@link #QUICK} pages always, the others
 * with {@code -Ddocumented=all}, or {@code -Ddocumented=models.md} for those of one page. What they wrote is kept in
 * {@code target/documented} then. All models are the embedded one.
 */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("latent4j.root", ".."));
    private static final String CHOSEN = System.getProperty("documented", "");
    private static final boolean ALL = !CHOSEN.isEmpty();

    private static final Set<String> QUICK = Set.of("README.md", "cli.md", "lora.md");

    private static final Pattern SPAN = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern COMMAND = Pattern.compile("(?:time |LATENT4J_CUDA=1 )?(?:\\./)?latent4j(?: .*)?");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\b[A-Z]{2,}\\b|…");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|([^\\s\"]+)");

    private static final String GPU = "needs a GPU";
    private static final String PUBLISHED = "needs a published file of another shape than the embedded model's";
    private static final String FULL_SIZE = "works on a model of full size: gigabytes and minutes";
    private static final String HOURS = "takes hours";
    private static final String OTHER_SCRIPT = "docs/images/fine-tuning.sh runs it, with the images it learns from";

    /** What does not run, by how it begins, and why. */
    private static final Map<String, String> NOT_RUN = new LinkedHashMap<>();

    /** What takes minutes, by how it begins; it runs with the property. */
    private static final List<String> LONG = List.of(
            "latent4j train lora --config",
            "latent4j generate \"a green star on a blue background\" --lora lora/lora.safetensors",
            "latent4j train textual-inversion --config",
            "latent4j generate \"a <moon> on a blue background\" --embedding textual-inversion/",
            "latent4j evaluate prompts --guidance-scale");

    static {
        NOT_RUN.put("LATENT4J_CUDA=1 latent4j doctor", GPU);
        NOT_RUN.put("latent4j doctor --device cuda", GPU);
        NOT_RUN.put("latent4j serve", "serves until it is ended; ServeCommandTest does it");
        NOT_RUN.put("latent4j bench", FULL_SIZE);
        NOT_RUN.put("fine-tuning.md: latent4j train lora --config moon.yaml", OTHER_SCRIPT);
        NOT_RUN.put("fine-tuning.md: latent4j generate \"a green moon on a black background\"", OTHER_SCRIPT);
        NOT_RUN.put("latent4j train autoencoder --config", HOURS);
        NOT_RUN.put("latent4j train text-to-image --config", HOURS);
        NOT_RUN.put("latent4j generate \"what it shows\" --model text-to-image/model", HOURS);
        NOT_RUN.put("latent4j evaluate prompts --model trained/", HOURS);
        NOT_RUN.put("latent4j lora extract tuned/model", HOURS);
        NOT_RUN.put("latent4j dataset scenes --count 50000", HOURS);
        NOT_RUN.put("latent4j generate \"a lighthouse at dusk\" --model ~/models/some-checkpoint", PUBLISHED);
        NOT_RUN.put("latent4j generate \"a lighthouse at dusk\" --model stabilityai/", PUBLISHED);
        NOT_RUN.put("latent4j generate \"a boat\" -m v1-5-pruned.safetensors", PUBLISHED);
        NOT_RUN.put("latent4j generate \"a boat\" -m owner/name@revision", "the tests' hub has one revision");
        NOT_RUN.put("latent4j generate \"a boat\" -m owner/name/file.safetensors", PUBLISHED);
        NOT_RUN.put("latent4j generate \"a boat\" -m sd15 --controlnet canny", PUBLISHED);
        NOT_RUN.put("latent4j generate \"a boat\" -m sd15 --vae", PUBLISHED);
        NOT_RUN.put("latent4j convert v1-5-pruned.ckpt", PUBLISHED);
    }

    @TempDir
    private static Path temporary;

    private static FakeHub hub;
    private static Path fixtures;

    /** A command as its page has it. */
    private record Documented(String page, String text) {
        /** Whether this begins as said, with its page's name or without. */
        boolean begins(String as) {
            return text.startsWith(as) || (page + ": " + text).startsWith(as);
        }

        boolean runs() {
            return NOT_RUN.keySet().stream().noneMatch(this::begins)
                    && (ALL
                            ? CHOSEN.equals("all") || CHOSEN.equals(page)
                            : QUICK.contains(page) && LONG.stream().noneMatch(this::begins));
        }

        List<String> words() {
            String own = text.substring(text.indexOf("latent4j") + "latent4j".length());
            List<String> words = new ArrayList<>();
            Matcher word = WORD.matcher(own);
            while (word.find() && !word.group().equals(">")) {
                words.add(word.group(1) == null ? word.group(2) : word.group(1));
            }
            return words;
        }
    }

    private static List<Documented> commands() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        Set<Documented> commands = new LinkedHashSet<>();
        for (Path page : pages) {
            String name = page.getFileName().toString();
            Optional<String> block = Optional.empty(); // its language, within one
            for (String line : Files.readAllLines(page)) {
                if (line.startsWith("```")) {
                    block = block.isPresent() ? Optional.empty() : Optional.of(line.substring(3));
                } else if (block.isEmpty()) {
                    SPAN.matcher(line)
                            .results()
                            .map(span -> span.group(1))
                            .filter(span -> span.startsWith("latent4j ")
                                    && !PLACEHOLDER.matcher(span).find()
                                    && span.matches(".*[-\"].*"))
                            .forEach(span -> commands.add(new Documented(name, span)));
                } else if (block.get().isEmpty() || block.get().equals("bash")) {
                    String command = line.startsWith("$ ") ? line.substring(2) : line;
                    if (COMMAND.matcher(command).matches()) {
                        commands.add(new Documented(name, command));
                    }
                }
            }
        }
        assertThat(commands).hasSizeGreaterThan(40);
        return List.copyOf(commands);
    }

    @TestFactory
    List<DynamicTest> isUnderstood() throws IOException {
        return commands().stream()
                .map(command -> DynamicTest.dynamicTest(
                        command.page() + ": " + command.text(),
                        () -> assertThatCode(() -> Latent4j.commandLine()
                                        .parseArgs(command.words().toArray(String[]::new)))
                                .doesNotThrowAnyException()))
                .toList();
    }

    @Test
    void listsNothingThatNoPageHas() throws IOException {
        List<Documented> commands = commands();
        List<String> listed = new ArrayList<>(NOT_RUN.keySet());
        listed.addAll(LONG);
        assertThat(listed).allMatch(start -> commands.stream().anyMatch(command -> command.begins(start)));
    }

    @BeforeAll
    static void prepare() throws IOException {
        fixtures = Files.createDirectories(temporary.resolve("fixtures"));
        hub = new FakeHub("owner/name");
        long width;
        try (EmbeddedModel model = EmbeddedModel.unpack();
                Stream<Path> files = Files.walk(model.folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = model.folder().relativize(file).toString().replace('\\', '/');
                byte[] content = Files.readAllBytes(file);
                hub.with(name, content);
                if (name.endsWith(".safetensors")) {
                    hub.with(name.replace(".safetensors", ".fp16.safetensors"), content);
                }
                Path copy = fixtures.resolve("sd15").resolve(name);
                Files.createDirectories(copy.getParent());
                Files.write(copy, content);
            }
            width = Config.read(model.folder().resolve("text_encoder").resolve("config.json"))
                    .integer("hidden_size");
        }
        String layer = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(1);
            Map<String, NDArray> tensors = Map.of(
                    layer + ".lora_down.weight", random.normal(manager, new Shape(2, width)),
                    layer + ".lora_up.weight", random.normal(manager, new Shape(width, 2)));
            for (String name : List.of("ink", "lcm", "lightning-4step")) {
                SafeTensors.write(fixtures.resolve(name + ".safetensors"), tensors, Map.of());
            }
        }
        BufferedImage boat = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (BufferedImage image : List.of(boat, mask)) {
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(image == boat ? Color.ORANGE : Color.WHITE);
            graphics.fillRect(16, 16, 32, 32);
            graphics.dispose();
        }
        ImageIO.write(boat, "jpg", fixtures.resolve("boat.jpg").toFile());
        ImageIO.write(boat, "png", fixtures.resolve("boat.png").toFile());
        Path images = Files.createDirectories(fixtures.resolve("images")); // what a new word is to mean
        for (int i = 1; i <= 4; i++) {
            ImageIO.write(boat, "png", images.resolve(i + ".png").toFile());
        }
        ImageIO.write(mask, "png", fixtures.resolve("mask.png").toFile());
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @TestFactory
    @DisabledOnOs(OS.WINDOWS)
    List<DynamicTest> runs() throws IOException {
        Map<String, List<Documented>> pages = new LinkedHashMap<>();
        for (Documented command : commands()) {
            if (command.runs()) {
                pages.computeIfAbsent(command.page(), page -> new ArrayList<>()).add(command);
            }
        }
        return pages.entrySet().stream()
                .map(page -> DynamicTest.dynamicTest(page.getKey(), () -> run(page.getKey(), page.getValue())))
                .toList();
    }

    private static void run(String page, List<Documented> commands) throws IOException, InterruptedException {
        Path folder = folderOf(page);
        Path typed = Files.writeString(folder.resolve("typed.txt"), "a red circle\n"); // for those that read
        for (Documented command : commands) {
            Set<Path> before = images(folder);
            if (command.text().startsWith("latent4j convert sd15 ")) {
                Files.deleteIfExists(folder.resolve("sd15.safetensors"));
            }
            Path printed = folder.resolve("printed.txt");
            ProcessBuilder builder = new ProcessBuilder(
                            "bash", "-c", command.text().replace("./latent4j", "latent4j"))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(typed.toFile())
                    .redirectOutput(printed.toFile());
            Map<String, String> environment = builder.environment();
            environment.keySet().removeAll(List.of("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"));
            environment.put("HF_ENDPOINT", hub.endpoint().toString());
            environment.put("HF_HOME", folder.resolve("hub").toString());
            environment.put("HOME", folder.toString());
            environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
            Process process = builder.start();
            try {
                assertThat(process.waitFor(ALL ? 3600 : 120, TimeUnit.SECONDS))
                        .as(command.text() + ": " + Files.readString(printed))
                        .isTrue();
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            String text = Files.readString(printed);
            assertThat(process.exitValue()).as(command.text() + ": " + text).isZero();
            Set<Path> made = images(folder);
            made.removeAll(before);
            if (command.words().get(0).equals("generate")) {
                assertThat(made).as(text).isNotEmpty();
            }
            for (Path image : made) {
                assertThat(colours(image)).as(image.toString()).isGreaterThan(1);
            }
        }
    }

    private static Set<Path> images(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".png"))
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    private static long colours(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        return Arrays.stream(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .distinct()
                .count();
    }

    /** Where the commands of a page run: all that they name is there, and a {@code latent4j} on the path. */
    private static Path folderOf(String page) throws IOException {
        Path all = ALL ? Path.of("target", "documented").toAbsolutePath() : temporary.resolve("pages");
        Path folder = all.resolve(page.replace(".md", ""));
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(folder.resolve("models"));
        Path model = fixtures.resolve("sd15");
        for (String name : List.of("sd21", "sdxl", "sdxl-turbo", "sdxl-refiner", "models/stable-diffusion-v1-5")) {
            Files.createSymbolicLink(folder.resolve(name), model);
        }
        try (Stream<Path> files = Files.list(fixtures)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(folder.resolve(file.getFileName()), file);
            }
        }
        Path program = Files.createDirectories(folder.resolve("bin")).resolve("latent4j");
        Files.writeString(program, """
            #!/bin/sh
            exec "%s" -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "%s" "-DDJL_CACHE_DIR=%s" %s "$@"
            """.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"),
                        System.getProperty("user.home") + "/.djl.ai",
                        Latent4j.class.getName()));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return folder;
    }
}
