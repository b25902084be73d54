package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.LoraAlgorithm;
import io.latent4j.lora.LoraDesign;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.model.sd.StableDiffusionFamily;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.training.autoencoder.Adversary;
import io.latent4j.training.autoencoder.AutoencoderLoss;
import io.latent4j.training.autoencoder.PerceptualDistance;
import io.latent4j.training.diffusion.DiffusionLoss;
import io.latent4j.training.optimizer.AdamW;
import io.latent4j.training.optimizer.GradientDescent;
import io.latent4j.training.optimizer.Initialization;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.training.optimizer.Parameters;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients do not hang on the garbage collector: memory of Java's that a recorded operator was given must be there when
 * the gradient is due. Each loss is run twice, the second time with everything that may be freed overwritten in between.
 */
class GarbageCollectionTest {
    private static final int[] TIMESTEPS = {10, 700};
    private static final int LARGEST = 1 << 12;
    private static final int OF_EACH_SIZE = 1_000;
    private static final long LARGE = 0x7E7E7E7E7E7E7E7EL; // 8e37 as a float, 5e301 as a double, and no index

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesATrainedModelItsGradients(boolean recompute) {
        UNet2DConditionModel unet = TinyModels.unet(manager, 1);
        ClipTextModel text = textEncoder();
        Parameters parameters = Parameters.of(ImmutableMap.of("unet", unet, "text", text));
        shake(parameters.values());
        DiffusionLoss loss = loss(PredictionType.V_PREDICTION, Optional.empty());
        assertSurvives(parameters, recompute, pass -> {
            NDArray ids = manager.create(new long[] {0, 3, 4, 1, 0, 5, 1, 1}, new Shape(2, 4));
            NDArray context = text.forward(pass, ids, 0);
            return loss.of((x, times) -> unet.forward(pass, UNetInput.of(x, times, context)), x0(), eps(), TIMESTEPS)
                    .losses()
                    .mean();
        });
    }

    @ParameterizedTest
    @CsvSource({"LORA, false", "LORA, true", "LOHA, false"})
    void leavesAnAdapterItsGradients(LoraAlgorithm algorithm, boolean dora) {
        UNet2DConditionModel unet = TinyModels.unet(manager, 1);
        shake(unet.getParameters().values().stream().map(Parameter::getArray).toList());
        LoraDesign design =
                new LoraDesign(algorithm, 2, 3, false, dora, Map.of(LoraPart.UNET, LoraDesign.UNET_ATTENTION));
        AdaptableModel model =
                new AdaptableModel(new StableDiffusionFamily().adapterNames(), Map.of(LoraPart.UNET, unet));
        try (TrainableLora lora = TrainableLora.create("new", design, model, 1, manager)) {
            Parameters parameters = Parameters.ofArrays(lora.arrays(), name -> 1.0);
            shake(parameters.values());
            assertSurvives(parameters, false, pass -> {
                TorchRandom random = new TorchRandom(6);
                Pass adapted = pass.withAdapters(List.of(lora.recorded(0.5, () -> random.uniform(1)[0])));
                NDArray context = new TorchRandom(7).normal(manager, new Shape(2, 4, 16));
                return loss(PredictionType.EPSILON, Optional.empty())
                        .of(
                                (x, times) -> unet.forward(adapted, UNetInput.of(x, times, context)),
                                x0(),
                                eps(),
                                TIMESTEPS)
                        .losses()
                        .mean();
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"LEARNED", "LEARNED_RANGE"})
    void leavesALearnedVarianceItsGradients(DdpmVariance kind) {
        NDArray answer = new TorchRandom(3)
                .normal(manager, new Shape(2, 8, 8, 8))
                .mul(0.2)
                .abs();
        Parameters parameters = Parameters.ofArrays(Map.of("answer", answer), name -> 1.0);
        DiffusionLoss loss = loss(PredictionType.EPSILON, Optional.of(new DiffusionLoss.LearnedVariance(kind, 0.001)));
        assertSurvives(
                parameters,
                false,
                pass -> loss.of((x, times) -> answer, x0(), eps(), 0, 700)
                        .losses()
                        .mean());
    }

    @Test
    void leavesAnAutoencoderItsGradients() {
        AutoencoderKL vae = new AutoencoderKL(
                new AutoencoderKLConfig(3, 3, List.of(8, 16), 1, 4, 4, true, true, true, 0.5, 0, false));
        Initialization.fill(vae, manager, 1);
        Parameters parameters = Parameters.of(ImmutableMap.of("vae", vae));
        PerceptualDistance looks = new PerceptualDistance(frozen());
        Adversary adversary = new Adversary(new Adversary.Settings(0, 0.5, 8, 2, 1e-3), manager, 1);
        assertSurvives(parameters, false, pass -> {
            TorchRandom random = new TorchRandom(2);
            NDArray images = manager.create(random.uniform(2 * 3 * 16 * 16), new Shape(2, 3, 16, 16));
            AutoencoderLoss.Terms terms = new AutoencoderLoss(1, 0.5, 1e-3)
                    .of(pass, vae, images, random.normal(manager, new Shape(2, 4, 8, 8)));
            return terms.total().add(looks.of(images, terms.decoded())).add(adversary.deceit(terms.decoded()));
        });
    }

    private AutoencoderKL frozen() {
        AutoencoderKL vae = new AutoencoderKL(
                new AutoencoderKLConfig(3, 3, List.of(8, 16), 1, 4, 4, false, true, true, 0.5, 0, false));
        Initialization.fill(vae, manager, 2);
        return vae;
    }

    private ClipTextModel textEncoder() {
        ClipTextModel model = new ClipTextModel(
                new ClipTextConfig(8, 16, 32, 1, 2, 4, ClipTextConfig.Activation.QUICK_GELU, 1e-5, 1, 0));
        Initialization.fill(model, manager, 3);
        return model;
    }

    private static DiffusionLoss loss(PredictionType type, Optional<DiffusionLoss.LearnedVariance> variance) {
        ForwardProcess process = new ForwardProcess(NoiseSchedule.squaredCosine(1000));
        return new DiffusionLoss(process, type, Optional.of(5.0), variance);
    }

    private NDArray x0() {
        return new TorchRandom(4).normal(manager, new Shape(2, 4, 8, 8)).mul(0.5);
    }

    private NDArray eps() {
        return new TorchRandom(5).normal(manager, new Shape(2, 4, 8, 8));
    }

    /** So that branches that begin at zero have gradients too. */
    private static void shake(List<NDArray> values) {
        TorchRandom random = new TorchRandom(8);
        for (NDArray value : values) {
            try (NDManager own = value.getManager().newSubManager()) {
                NDArray noise = random.normal(own, value.getShape()).mul(0.05f);
                ParameterOps.copy(List.of(value), List.of(value.stopGradient().add(noise)));
            }
        }
    }

    private void assertSurvives(Parameters parameters, boolean recompute, Function<Pass, NDArray> loss) {
        List<float[]> undisturbed = gradients(parameters, recompute, loss, false);
        List<float[]> disturbed = gradients(parameters, recompute, loss, true);
        List<String> names = List.copyOf(parameters.arrays().keySet());
        boolean any = false;
        for (int i = 0; i < names.size(); i++) {
            assertThat(disturbed.get(i)).as(names.get(i)).isEqualTo(undisturbed.get(i));
            for (float value : undisturbed.get(i)) {
                any |= value != 0;
            }
        }
        assertThat(any).isTrue();
    }

    @SuppressWarnings("try")
    private static List<float[]> gradients(
            Parameters parameters, boolean recompute, Function<Pass, NDArray> loss, boolean disturb) {
        GradientDescent descent = new GradientDescent(parameters, AdamW.Settings.DEFAULT, Optional.empty());
        List<ByteBuffer> takers = new ArrayList<>();
        try (NDScope scope = new NDScope()) {
            descent.add(recompute, 1, pass -> {
                NDArray made = loss.apply(pass);
                if (disturb) {
                    takers.addAll(takeFreedMemory());
                }
                return new Objective.Loss(made, Map.of());
            });
        }
        List<float[]> gradients =
                parameters.gradients().stream().map(NDArray::toFloatArray).toList();
        parameters.clearGradients();
        assertThat(takers).hasSize(disturb ? 10 * OF_EACH_SIZE : 0);
        return gradients;
    }

    /** Fills memory that has become free with large numbers. */
    private static List<ByteBuffer> takeFreedMemory() {
        ReferenceQueue<Object> freed = new ReferenceQueue<>();
        PhantomReference<Object> told = new PhantomReference<>(new Object(), freed);
        while (freed.poll() != told) { // so that what the collector found is freed by now
            System.gc();
        }
        List<ByteBuffer> takers = new ArrayList<>();
        for (int size = 8; size <= LARGEST; size *= 2) {
            for (int i = 0; i < OF_EACH_SIZE; i++) {
                ByteBuffer taker = ByteBuffer.allocateDirect(size);
                while (taker.hasRemaining()) {
                    taker.putLong(LARGE);
                }
                takers.add(taker);
            }
        }
        return takers;
    }
}
