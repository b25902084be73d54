package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.continuous.DormandPrince;
import io.latent4j.schedulers.continuous.ProbabilityFlow;
import io.latent4j.schedulers.continuous.Probes;
import io.latent4j.schedulers.continuous.ReverseSde;
import io.latent4j.schedulers.continuous.ScheduledSde;
import io.latent4j.schedulers.continuous.Score;
import io.latent4j.schedulers.continuous.Sde;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.process.VariationalBound;
import io.latent4j.schedulers.samplers.DdimInversion;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs what docs/schedulers.md shows, and checks its table: each of its Java blocks stands in this file, word for word. */
class SchedulersPageTest {
    private static final Path PAGE = Path.of("..", "docs", "schedulers.md");
    private static final Path SOURCE =
            Path.of("src/test/java/io/latent4j/schedulers/catalogue/SchedulersPageTest.java");

    @TestFactory
    List<DynamicTest> everyJavaBlockIsInThisFile() throws IOException {
        return JavaBlocks.standIn(SOURCE, 5, List.of(PAGE));
    }

    @Test
    void everyMethodHasItsRow() throws IOException {
        String table =
                Schedulers.methods().stream().map(SchedulersPageTest::row).collect(Collectors.joining("\n"));
        assertThat(Files.readString(PAGE)).contains(table);
        assertThat(Files.readString(PAGE))
                .contains(Schedulers.spacings().stream()
                        .map(word -> "| `" + word + "` | ")
                        .toList());
    }

    private static String row(SamplingMethod method) {
        String paper = method.paper().replaceFirst("^(.*), arXiv:(\\d+\\.\\d+)", "[$1](https://arxiv.org/abs/$2)");
        return "| `" + method.name() + "` | "
                + method.className().map(name -> "`" + name + "`").orElse("") + " | " + method.order() + " | "
                + (method.stochastic() ? "yes" : "") + " | " + method.calls() + " | "
                + (method.spacesLevels() ? "yes" : "") + " | " + paper + " |";
    }

    @Test
    void samples() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Denoiser network = new GaussianData(0.5, 0.3);
            SchedulerConfig config = Runs.stableDiffusion();
            NoiseSource noise = new TorchRandom(42);
            NDArray latents = manager.zeros(new Shape(1, 4, 32, 32));
            // page
            Scheduler scheduler = Schedulers.named("dpm++2m karras", config);
            Plan plan = scheduler.plan(20); // the noise levels that the run visits
            SamplerState state = SamplerState.start(plan.initialLatents(noise.like(latents)));
            while (state.index() < plan.steps()) {
                state = scheduler.step(plan, state, network, noise);
            }
            // end
            assertThat(state.latents().mean().getFloat()).isCloseTo(0.5f, within(0.02f));
        }
    }

    @Test
    void inverts() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Denoiser network = new GaussianData(0.5, 0.3);
            SchedulerConfig config = Runs.stableDiffusion();
            NoiseSource noise = Runs.NO_NOISE;
            NDArray data = manager.create(new float[] {-0.1f, 0.5f, 1.2f});
            // page
            Scheduler inversion = DdimInversion.from(config);
            Plan up = inversion.plan(100);
            SamplerState inverted = SamplerState.start(data);
            while (inverted.index() < up.steps()) {
                inverted = inversion.step(up, inverted, network, noise); // which draws none
            }
            NDArray found = inverted.latents();
            // end
            Scheduler down = Schedulers.named("ddim", config);
            NDArray again = Runs.run(down, down.plan(100), found, network, noise);
            assertThat(again.sub(data).abs().max().getFloat()).isLessThan(0.05f);
            assertThat(found.sub(data).abs().max().getFloat()).isGreaterThan(0.5f);
        }
    }

    @Test
    void preparesATrainingStep() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NoiseSource noise = new TorchRandom(42);
            NDArray x0 = manager.ones(new Shape(2, 4, 8, 8));
            SchedulerConfig config = Runs.stableDiffusion("\"prediction_type\": \"v_prediction\"");
            // page
            ForwardProcess forward = new ForwardProcess(config.noise());
            int[] timesteps = {10, 870}; // one for each of the two images in x0, (2, 4, 8, 8)
            NDArray eps = noise.like(x0);
            NDArray x = forward.noisy(x0, eps, timesteps);
            NDArray target = forward.target(config.predictionType(), x0, eps, timesteps);
            NDArray weights = forward.minSnrWeights(x, config.predictionType(), 5, timesteps); // (2, 1, 1, 1)
            // end
            NDArray read =
                    forward.read(config.predictionType(), target, x, timesteps).x0();
            assertThat(read.sub(x0).abs().max().getFloat()).isLessThan(1e-5f);
            assertThat(weights.getShape()).isEqualTo(new Shape(2, 1, 1, 1));
        }
    }

    @Test
    void boundsTheLikelihood() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NoiseSource noise = new TorchRandom(42);
            Denoiser network = new GaussianData(0, 0.5);
            NDArray pixels = noise.like(manager.zeros(new Shape(1, 3, 16, 16)))
                    .mul(0.5)
                    .mul(127.5)
                    .round()
                    .div(127.5)
                    .clip(-1, 1);
            ForwardProcess forward = new ForwardProcess(NoiseSchedule.linear(100, 0.001, 0.2));
            // page
            VariationalBound bound = new VariationalBound(forward, DdpmVariance.FIXED_SMALL);
            float[] bits = bound.total(pixels, network, noise).toFloatArray(); // a dimension, of each image
            // end
            assertThat(bits).hasSize(1);
            assertThat(bits[0]).isBetween(8f, 10f);
        }
    }

    @Test
    void worksInContinuousTime() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Denoiser network = new GaussianData(0.5, 0.3);
            NoiseSchedule schedule = NoiseSchedule.linear(1000, 0.0001, 0.02);
            NoiseSource noise = new TorchRandom(42);
            Shape shape = new Shape(2, 1, 8, 8);
            // page
            Sde sde = new ScheduledSde(schedule); // or new VariancePreserving(), new VarianceExploding(0.01, 50)
            Score score = Score.of(sde, network);
            NDArray start = sde.prior(noise.like(manager.zeros(shape)));

            NDArray random = new ReverseSde(sde, score, 500, 1, 0.16).sample(start, noise);
            ProbabilityFlow flow = new ProbabilityFlow(sde, score, new DormandPrince());
            NDArray data = flow.sample(start);
            NDArray again = flow.encode(data); // start, but for the solver's error
            double[] nats = flow.logLikelihood(data, Probes.rademacher(7, 1)); // log p of each image
            // end
            assertThat(random.mean().getFloat()).isCloseTo(0.5f, within(0.1f));
            assertThat(again.sub(start).abs().max().getFloat()).isLessThan(1e-2f);
            double expected = -64 * Math.log(0.3 * Math.sqrt(2 * Math.PI)) - 32;
            assertThat(nats).hasSize(2);
            assertThat(nats[0]).isCloseTo(expected, within(25.0));
        }
    }
}
