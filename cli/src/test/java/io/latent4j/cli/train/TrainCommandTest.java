package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    private static final List<String> SMALL = List.of(
            "data.scenes=12",
            "data.set_aside=3",
            "data.size=16",
            "model.config.block_out_channels=[8, 8, 8]",
            "training.warmup=1",
            "training.batch=2",
            "training.log_every=1",
            "training.validate_every=0",
            "training.sample_every=0");

    @TempDir
    private Path folder;

    @Test
    void trainsAndPrintsTheFolder() throws IOException {
        CommandRun run = train("training.steps=3");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().strip())
                .isEqualTo(folder.resolve("autoencoder/vae").toString());
        assertThat(folder.resolve("autoencoder/vae/config.json")).exists();
        assertThat(run.err())
                .containsPattern("autoencoder: .* parameters to train, 9 images to learn from, 3 set aside, 2 a step")
                .contains("training for 3 steps, 0.6667 times through all images")
                .contains("step 1 of 3: loss ")
                .contains("step 3 of 3: loss ")
                .contains("saved " + folder.resolve("autoencoder/checkpoints/step-00000003"))
                .doesNotContain("step 2 of 3");
        assertThat(run.message()).startsWith("done after step 3");

        CommandRun more = train("training.steps=4");
        assertThat(more.err())
                .contains("since last time: training.steps is 4, was 3")
                .contains("going on after step 3 of 4");

        CommandRun other = train(
                "training.steps=5", "training.optimizer=adafactor", "training.betas=null", "training.epsilon=null");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.message())
                .contains("is of another optimizer: ")
                .endsWith("or begin anew in another output folder, or with --fresh");

        CommandRun fresh = train("training.steps=3", "--fresh");
        assertThat(fresh.err())
                .contains("the run that was there is in " + folder.resolve("autoencoder-1") + " now")
                .contains("training for 3 steps");
        assertThat(folder.resolve("autoencoder-1/checkpoints/step-00000004")).isDirectory();
    }

    @Test
    @Timeout(60)
    void goesOnAfterItWasInterrupted() throws Exception {
        CompletableFuture<CommandRun> first = new CompletableFuture<>();
        Thread user = new Thread(() -> {
            try {
                first.complete(train("training.steps=100000", "training.checkpoint_every=100000"));
            } catch (IOException e) {
                first.completeExceptionally(e);
            }
        });
        user.start();
        Path metrics = folder.resolve("autoencoder/metrics.csv");
        while (!first.isDone() && (Files.notExists(metrics) || Files.size(metrics) < 200)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        user.interrupt(); // as Interrupts does on Ctrl-C, which does so more than once
        user.interrupt();
        CommandRun run = first.get();
        assertThat(run.code()).as(run.err()).isEqualTo(130);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).containsOnlyOnce("stopping after this step; its checkpoint will be saved");
        assertThat(run.message()).matches("stopped after step (\\d+) of 100000; the same command goes on from there");
        long done = Long.parseLong(run.message().replaceAll("\\D*(\\d+).*", "$1"));

        CommandRun rest = train("training.steps=" + (done + 1));
        assertThat(rest.code()).as(rest.err()).isZero();
        assertThat(rest.err()).contains("going on after step " + done + " of " + (done + 1));
    }

    @Test
    void saysInOneLineThatTheLossIsNoNumber() throws IOException {
        CommandRun run = train("training.steps=9", "training.rate=1e30", "training.clip=1e30");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.message())
                .startsWith("latent4j: training diverged at step 2: the loss is ")
                .contains("lower training.rate");
        assertThat(run.err().lines().filter(line -> line.contains("the loss is")))
                .hasSize(1);
        assertThat(run.err()).doesNotContain("\tat ");
    }

    @Test
    void refusesWhatTheRunFileCannotMean() throws IOException {
        CommandRun run = train("training.step=9");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.message()).contains("training: step is no key here, the nearest is \"steps\"");
        CommandRun none = CommandRun.of("train", "autoencoder", "--config", folder + "/none.yaml");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.message()).contains("none.yaml: does not exist; expected a run file");
    }

    @Test
    void saysWhatIsMissing() {
        CommandRun nothing = CommandRun.of("train");
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.message()).contains("expected one of [autoencoder, text-to-image");
        CommandRun noFile = CommandRun.of("train", "autoencoder");
        assertThat(noFile.code()).isEqualTo(2);
        assertThat(noFile.message()).contains("`latent4j train autoencoder --example` prints one");
        CommandRun other = CommandRun.of("train", "cats", "--example");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.message()).contains("\"cats\" cannot be trained");
    }

    private CommandRun train(String... changesAndOptions) throws IOException {
        CommandRun example = CommandRun.of("train", "autoencoder", "--example");
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, example.out());
        List<String> args = new ArrayList<>(List.of("train", "autoencoder", "--device", "cpu", "--config", "" + file));
        for (String each : SMALL) {
            args.addAll(List.of("--set", each));
        }
        for (String each : changesAndOptions) {
            args.addAll(each.startsWith("--") ? List.of(each) : List.of("--set", each));
        }
        return CommandRun.of(args.toArray(String[]::new));
    }
}
