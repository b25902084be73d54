package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.core.config.Config;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands write appears whole or not at all: on a full disk, in a folder that is read-only, and by two at a time. */
@Timeout(300)
class WholeFilesTest {
    private static final String LAYER = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";
    private static final String FULL =
            ": cannot be written: No space left on device; expected room and permission in the"
                    + " folder; nothing was changed";

    @TempDir
    private Path folder;

    private EmbeddedModel model;
    private Path adapter;
    private Path tuned;

    @BeforeEach
    void write() throws IOException {
        model = EmbeddedModel.unpack();
        long width =
                Config.read(model.folder().resolve("text_encoder/config.json")).integer("hidden_size");
        adapter = folder.resolve("ink.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(1);
            Map<String, NDArray> tensors = Map.of(
                    LAYER + ".lora_down.weight", random.normal(manager, new Shape(16, width)),
                    LAYER + ".lora_up.weight", random.normal(manager, new Shape(width, 16)));
            SafeTensors.write(adapter, tensors, Map.of());
        }
        tuned = folder.resolve("tuned");
        assertThat(CommandRun.of("lora", "merge", "" + adapter, "--into", "" + tuned, "-m", "" + model.folder())
                        .code())
                .isZero();
    }

    @AfterEach
    void close() throws IOException {
        model.close();
    }

    /** What each command writes in {@code to}, by the name of the file or folder. */
    private Map<String, List<String>> commands(Path to) {
        Map<String, List<String>> commands = new TreeMap<>();
        commands.put("folder", List.of("convert", "" + model.folder(), to + "/folder", "--layout", "diffusers"));
        commands.put("file.safetensors", List.of("convert", "" + model.folder(), to + "/file.safetensors"));
        commands.put(
                "merged.safetensors", List.of("lora", "merge", adapter + ":0.5", "-o", to + "/merged.safetensors"));
        commands.put(
                "fused", List.of("lora", "merge", "" + adapter, "--into", to + "/fused", "-m", "" + model.folder()));
        commands.put(
                "resized.safetensors",
                List.of("lora", "resize", "" + adapter, "--rank", "12", "-o", to + "/resized.safetensors"));
        commands.put(
                "extracted.safetensors",
                List.of(
                                List.of(
                                        "lora",
                                        "extract",
                                        "" + tuned,
                                        "--rank",
                                        "12",
                                        "-o",
                                        to + "/extracted.safetensors"),
                                List.of("-m", "" + model.folder()))
                        .stream()
                        .flatMap(List::stream)
                        .toList());
        commands.put(
                "image.png",
                List.of(
                        "generate",
                        "a red circle",
                        "-m",
                        "" + model.folder(),
                        "--steps",
                        "1",
                        "--seed",
                        "1",
                        "-o",
                        to + "/image.png"));
        return commands;
    }

    /** On disks of its own, which Linux gives to those who may have a namespace of their own. */
    @Test
    void aFullDiskIsNamedAndWhatWasThereStays() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "no unshare");
        assumeTrue(shell("unshare -rm true", "none.txt").waitFor() == 0, "no namespaces");
        Map<String, List<String>> commands = commands(folder.resolve("disk"));
        Process process = shell("unshare -rm bash -c '" + """
                        mkdir disk && mount -t tmpfs -o size=4k tmpfs disk || exit 77
                        echo old > disk/merged.safetensors
                        %s
                        ls -A disk > left.txt
                        cat disk/merged.safetensors >> left.txt
                        """.formatted(run(commands)) + "'", "full.txt");
        assumeTrue(end(process) != 77, "no disk of its own");
        List<String> said = Files.readAllLines(folder.resolve("full.txt"));
        assertThat(said).as("%s", said).hasSize(commands.size());
        int at = 0;
        for (String name : commands.keySet()) {
            assertThat(said.get(at++))
                    .startsWith(ExitCode.FAILED + "\tlatent4j: "
                            + folder.resolve("disk").resolve(name))
                    .contains(FULL)
                    .doesNotContain(".draft", ".latent4j-", "Exception");
        }
        assertThat(Files.readAllLines(folder.resolve("left.txt"))).containsExactly("merged.safetensors", "old");
    }

    @Test
    void aFolderThatIsReadOnlyIsNamed() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "no unshare");
        assumeTrue(shell("unshare -rm true", "none.txt").waitFor() == 0, "no namespaces");
        Map<String, List<String>> commands = commands(folder.resolve("disk"));
        Process process = shell(
                "unshare -rm bash -c 'mkdir disk && mount -t tmpfs -o ro tmpfs disk || exit 77\n" + run(commands) + "'",
                "read-only.txt");
        assumeTrue(end(process) != 77, "no disk of its own");
        List<String> said = Files.readAllLines(folder.resolve("read-only.txt"));
        assertThat(said).as("%s", said).hasSize(commands.size());
        for (String line : said) {
            assertThat(line)
                    .startsWith(ExitCode.FAILED + "\tlatent4j: " + folder.resolve("disk"))
                    .containsPattern("cannot be written: Read-only file system; |is not writable; ")
                    .doesNotContain(".draft", ".latent4j-", "Exception");
        }
    }

    /** Each command in two processes that begin together, and once alone. */
    @Test
    void ofTwoProcessesEachLeavesWholeFiles() throws IOException, InterruptedException {
        Path alone = Files.createDirectories(folder.resolve("alone"));
        for (List<String> command : commands(alone).values()) {
            CommandRun run = CommandRun.of(command.toArray(String[]::new));
            assertThat(run.code()).as(run.err()).isZero();
        }
        Path together = Files.createDirectories(folder.resolve("together"));
        Map<String, List<String>> commands = commands(together);
        String run = run(commands);
        Process first = shell(run, "first.txt");
        Process second = shell(run, "second.txt");
        assertThat(end(first)).isZero();
        assertThat(end(second)).isZero();
        List<String> firstSaid = Files.readAllLines(folder.resolve("first.txt"));
        List<String> secondSaid = Files.readAllLines(folder.resolve("second.txt"));
        int at = 0;
        for (String name : commands.keySet()) {
            List<String> said = List.of(firstSaid.get(at), secondSaid.get(at));
            assertThat(said).as(name).anyMatch(line -> line.startsWith("0\t"));
            assertThat(said).as(name).allMatch(line -> line.startsWith("0\t") || line.contains(": is there already"));
            at++;
        }
        assertThat(contents(together)).isEqualTo(contents(alone));
    }

    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        folder.relativize(file).toString(),
                        MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString());
            }
        }
        return contents;
    }

    /** The command of a shell that runs {@code commands}, all in one process. */
    private String run(Map<String, List<String>> commands) throws IOException {
        List<String> lines = new ArrayList<>();
        commands.values().forEach(command -> lines.add(String.join("\t", command)));
        Files.write(folder.resolve("commands.txt"), lines);
        return String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dai.djl.offline=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                System.getProperty("java.class.path"),
                CommandLines.class.getName(),
                "commands.txt");
    }

    private Process shell(String script, String output) throws IOException {
        return new ProcessBuilder("bash", "-c", script)
                .directory(folder.toFile())
                .redirectError(folder.resolve(output + ".err").toFile())
                .redirectOutput(folder.resolve(output).toFile())
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        if (!process.waitFor(4, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }
}
