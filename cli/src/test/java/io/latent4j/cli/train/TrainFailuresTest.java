package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.latent4j.cli.CommandRun;
import io.latent4j.cli.Latent4j;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Training on what is damaged, contradictory or too much for the disk. */
class TrainFailuresTest {
    private static final List<String> SMALL = List.of(
            "data.size=16",
            "data.set_aside=1",
            "model.config.block_out_channels=[8, 8, 8]",
            "training.steps=2",
            "training.warmup=1",
            "training.batch=2",
            "training.validate_every=0",
            "training.sample_every=0");

    @TempDir
    private Path folder;

    @Test
    void leavesOutImagesThatCannotBeUsedOrStopsAtThem() throws IOException {
        Path scenes = scenes();
        byte[] bytes = Files.readAllBytes(scenes.resolve("000002.png"));
        Files.write(scenes.resolve("000002.png"), Arrays.copyOf(bytes, bytes.length / 2));
        Path captions = scenes.resolve("metadata.jsonl");
        List<String> lines = new ArrayList<>(Files.readAllLines(captions));
        lines.set(1, lines.get(1).replaceFirst("\"text\": ?\"[^\"]*\"", "\"text\": \" \""));
        Files.write(captions, lines);

        CommandRun run = train("autoencoder", "data={folder: scenes}", "data.set_aside=0", "data.size=16");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("left out 1 image of " + scenes)
                .contains("the caption of 000001.png is empty; expected some words")
                .containsOnlyOnce("000002.png: cannot be read as an image");

        CommandRun empty = train("autoencoder", "data={folder: scenes}", "data.damaged=stop", "data.set_aside=0");
        assertThat(empty.code()).isEqualTo(1);
        assertThat(empty.message()).contains("the caption of 000001.png is empty");
        lines.remove(1);
        Files.write(captions, lines);
        CommandRun damaged = train("autoencoder", "data={folder: scenes}", "data.damaged=stop", "data.set_aside=0");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.message())
                .startsWith("latent4j: ")
                .contains("000002.png: cannot be read as an image")
                .contains("replace or remove it");
        assertThat(damaged.err()).doesNotContain("\tat ");
    }

    @Test
    void saysThatThereAreFewerImagesThanABatch() throws IOException {
        CommandRun run = train("autoencoder", "data.scenes=4", "training.batch=8");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("fewer images than a batch of 8 for 16x16 (3); they come several times");
    }

    @Test
    void refusesARunFileThatContradictsItself() throws IOException {
        train("autoencoder", "data.scenes=4");
        List<String> model = List.of("unet.config.block_out_channels=[16, 16, 16]", "unet.config.sample_size=4");
        CommandRun channels = textToImage(model, "unet.config.in_channels=8");
        assertThat(channels.code()).isEqualTo(2);
        assertThat(channels.message())
                .contains("unet: in_channels is 8; expected 4, the latent_channels of the autoencoder in ");
        CommandRun width = textToImage(model, "unet.config.cross_attention_dim=64");
        assertThat(width.code()).isEqualTo(2);
        assertThat(width.message())
                .contains("unet: cross_attention_dim is 64; expected 128, the text encoder's hidden_size");
        CommandRun size = textToImage(model, "data.size=18");
        assertThat(size.code()).isEqualTo(2);
        assertThat(size.message()).contains("data: size is 18; expected a multiple of 4");
    }

    /** On a disk of its own, which Linux gives to those who may have a namespace of their own. */
    @Test
    @Timeout(300)
    void goesOnFromTheLastGoodCheckpointWhenTheDiskWasFull() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "no unshare");
        assumeTrue(shell("unshare -rm true") == 0, "no namespaces");
        write("autoencoder");
        String command = command("data.scenes=12", "output=disk/run", "training.checkpoint_every=2");
        int code = shell("unshare -rm bash -c '" + """
                mkdir disk && mount -t tmpfs -o size=64m tmpfs disk || exit 77
                %1$s --set training.steps=2 2> first.txt || exit 3
                mount -o remount,size=$(($(du -sk disk | cut -f1) + 40))k disk
                %1$s --set training.steps=4 2> full.txt && exit 4
                ls -A disk/run/checkpoints > left.txt
                mount -o remount,size=64m disk
                %1$s --set training.steps=4 2> rest.txt || exit 5
                """.formatted(command) + "'");
        assumeTrue(code != 77, "no disk of its own");
        assertThat(code).as(texts()).isZero();
        assertThat(Files.readString(folder.resolve("full.txt")))
                .contains("latent4j: ")
                .contains("step-00000004: the checkpoint could not be written (")
                .contains("step-00000004/", ": cannot be written: ")
                .doesNotContain(".draft")
                .contains("No space left on device")
                .contains("older ones are whole");
        assertThat(Files.readAllLines(folder.resolve("left.txt"))).containsExactly("step-00000002");
        assertThat(Files.readString(folder.resolve("rest.txt"))).contains("going on after step 2 of 4");
    }

    private String texts() throws IOException {
        StringBuilder texts = new StringBuilder();
        for (String name : List.of("first.txt", "full.txt", "rest.txt")) {
            Path file = folder.resolve(name);
            texts.append(Files.exists(file) ? Files.readString(file) : "");
        }
        return texts.toString();
    }

    private int shell(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("shell.txt").toFile())
                .start();
        if (!process.waitFor(4, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** For a shell within quotes. */
    private String command(String... changes) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                Latent4j.class.getName(),
                "train",
                "autoencoder",
                "--device",
                "cpu",
                "--config",
                "autoencoder.yaml"));
        for (String change : SMALL) {
            words.addAll(List.of("--set", "\"" + change + "\""));
        }
        for (String change : changes) {
            words.addAll(List.of("--set", "\"" + change + "\""));
        }
        return String.join(" ", words);
    }

    private Path scenes() {
        CommandRun drawn =
                CommandRun.of("dataset", "scenes", "--count", "6", "--size", "16", "--output", folder + "/scenes");
        assertThat(drawn.code()).as(drawn.err()).isZero();
        return folder.resolve("scenes");
    }

    private void write(String kind) throws IOException {
        CommandRun example = CommandRun.of("train", kind, "--example");
        Files.writeString(folder.resolve(kind + ".yaml"), example.out());
    }

    private CommandRun train(String kind, String... changes) throws IOException {
        write(kind);
        List<String> args =
                new ArrayList<>(List.of("train", kind, "--device", "cpu", "--config", folder + "/" + kind + ".yaml"));
        for (String each : changes) { // first, as one of them may replace a section
            args.addAll(List.of("--set", each));
        }
        for (String each : SMALL) {
            String key = each.substring(0, each.indexOf('='));
            boolean given = Arrays.stream(changes).anyMatch(change -> change.startsWith(key + "="));
            if (!given && !(kind.equals("text-to-image") && key.startsWith("model."))) {
                args.addAll(List.of("--set", each));
            }
        }
        return CommandRun.of(args.toArray(String[]::new));
    }

    private CommandRun textToImage(List<String> model, String change) throws IOException {
        List<String> changes = new ArrayList<>(model);
        changes.add("data.scenes=4");
        changes.add(change);
        return train("text-to-image", changes.toArray(String[]::new));
    }
}
