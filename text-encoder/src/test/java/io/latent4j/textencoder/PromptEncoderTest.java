package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.textencoder.PromptEncoder.Readout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PromptEncoderTest {
    private static final Pass PASS = Pass.inference();
    private NDManager manager;
    private ClipTextModel model;

    @BeforeEach
    void open() throws IOException {
        manager = NDManager.newBaseManager("PyTorch");
        model = ClipTextModel.load(TestModels.resource("sd15-tiny/text_encoder"), manager, Precision.FLOAT32);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static PromptChunk chunk(double... weights) {
        List<Long> ids = new ArrayList<>(List.of(998L, 320L, 725L, 871L, 999L, 999L));
        List<Double> all = new ArrayList<>(Collections.nCopies(ids.size(), 1.0));
        for (int i = 0; i < weights.length; i++) {
            all.set(1 + i, weights[i]);
        }
        return new PromptChunk(ids, all);
    }

    private NDArray encoded(PromptEncoder encoder, PromptChunk chunk) {
        return encoder.encode(PASS, chunk, LearnedWords.none(), manager).states();
    }

    private TextStates states(PromptChunk chunk) {
        NDArray ids = manager.create(
                Longs.toArray(chunk.ids()), new Shape(1, chunk.ids().size()));
        return model.forward(PASS, ids);
    }

    @Test
    void evenWeightsAreTheModelsOwnStatesBitForBit() {
        TextStates states = states(chunk());
        assertThat(encoded(new PromptEncoder(model, Readout.LAST, 1), chunk())).isEqualTo(states.last());
        assertThat(encoded(new PromptEncoder(model, Readout.PENULTIMATE, 1), chunk()))
                .isEqualTo(states.penultimate());
    }

    @Test
    void weightsMultiplyStatesAndTheMeanStays() {
        NDArray plain = states(chunk()).last();
        NDArray weighted = encoded(new PromptEncoder(model, Readout.LAST, 1), chunk(1.5, 1, 0));

        NDArray expected = plain.mul(manager.create(new float[] {1, 1.5f, 1, 0, 1, 1}, new Shape(1, 6, 1)));
        expected = expected.mul(plain.mean().getFloat() / expected.mean().getFloat());
        assertThat(weighted.allClose(expected, 1e-5, 1e-6, false)).isTrue();
        assertThat(weighted.mean().getFloat()).isCloseTo(plain.mean().getFloat(), within(1e-5f));
        assertThat(weighted.get(":, 3").abs().max().getFloat()).isZero();
    }

    @Test
    void withoutANormTheMeanIsWhatItGets() {
        NDArray plain = states(chunk()).penultimate();
        NDArray weighted = encoded(new PromptEncoder(model, Readout.PENULTIMATE, 1), chunk(1.5, 1, 0));
        NDArray expected = plain.mul(manager.create(new float[] {1, 1.5f, 1, 0, 1, 1}, new Shape(1, 6, 1)));
        assertThat(weighted).isEqualTo(expected);
    }

    @Test
    void theSameWeightEverywhereIsNone() {
        PromptChunk heavy =
                new PromptChunk(chunk().ids(), Collections.nCopies(chunk().ids().size(), 1.7));
        NDArray plain = states(chunk()).last();
        assertThat(encoded(new PromptEncoder(model, Readout.LAST, 1), heavy).allClose(plain, 1e-5, 1e-6, false))
                .isTrue();
    }

    @Test
    void clipSkipCountsFromTheReadoutsOwnLayer() {
        TextStates states = states(chunk());
        int layers = model.config().layers();
        for (int skip = 2; skip <= layers; skip++) {
            NDArray normalized = model.normalized(PASS, states.hidden().get(layers - skip + 1));
            assertThat(encoded(new PromptEncoder(model, Readout.LAST, skip), chunk()))
                    .isEqualTo(normalized);
        }
        assertThat(encoded(new PromptEncoder(model, Readout.PENULTIMATE, 2), chunk()))
                .isEqualTo(states.hidden().get(layers - 2));
    }

    @Test
    void refusesToSkipMoreThanThereIs() {
        int layers = model.config().layers();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PromptEncoder(model, Readout.LAST, layers + 1))
                .withMessage("clip skip is " + (layers + 1) + "; expected 1 to " + layers + " with this text encoder");
        assertThatIllegalArgumentException().isThrownBy(() -> new PromptEncoder(model, Readout.PENULTIMATE, layers));
        assertThatIllegalArgumentException().isThrownBy(() -> new PromptEncoder(model, Readout.LAST, 0));
    }

    @Test
    void theSummaryOfATextKnowsNoWeightsAndNoSkip() {
        ClipTextConfig c = model.config();
        ClipTextModel projecting = new ClipTextModel(new ClipTextConfig(
                c.vocabularySize(),
                c.width(),
                c.mlpWidth(),
                c.layers(),
                c.heads(),
                c.maxPositions(),
                c.activation(),
                c.layerNormEpsilon(),
                c.eosTokenId(),
                8));
        NDArray projection = new TorchRandom(1).normal(manager, new Shape(8, c.width()));
        projecting.load(
                "tiny",
                projecting.shapes(),
                key -> key.equals("text_projection.weight")
                        ? projection
                        : model.getParameters().get(key).getArray());
        NDArray plain = new PromptEncoder(projecting, Readout.PENULTIMATE, 1)
                .encode(PASS, chunk(), LearnedWords.none(), manager)
                .projected()
                .orElseThrow();
        NDArray other = new PromptEncoder(projecting, Readout.PENULTIMATE, 2)
                .encode(PASS, chunk(2, 2), LearnedWords.none(), manager)
                .projected()
                .orElseThrow();
        assertThat(other).isEqualTo(plain);
        assertThat(plain.getShape()).isEqualTo(new Shape(1, 8));
    }

    @Test
    void learnedWordsHaveTheirVectors() {
        NDArray vectors = model.embeddings().get("725:726").duplicate();
        LearnedWords words = LearnedWords.of(model.config(), List.of(new LearnedWord("<moon>", vectors)));
        List<Long> ids = new ArrayList<>(chunk().ids());
        ids.set(2, 1000L);
        PromptChunk learned = new PromptChunk(ids, chunk(1, 1.3).weights());
        PromptEncoder encoder = new PromptEncoder(model, Readout.LAST, 2);
        NDArray states = encoder.encode(PASS, learned, words, manager).states();
        assertThat(states.allClose(encoded(encoder, chunk(1, 1.3)), 1e-6, 1e-6, false))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void halvesAreWeightedInWholes(DataType type) throws IOException {
        ClipTextModel half =
                ClipTextModel.load(TestModels.resource("sd15-tiny/text_encoder"), manager, Precision.of(type));
        NDArray weighted = encoded(new PromptEncoder(half, Readout.LAST, 1), chunk(1.4, 0.6));
        NDArray expected = encoded(new PromptEncoder(model, Readout.LAST, 1), chunk(1.4, 0.6));
        NDArray difference = Ops.cast(weighted, DataType.FLOAT32).sub(expected);
        assertThat(difference.abs().max().getFloat()).isBetween(1e-6f, 0.1f);
    }

    @Test
    void leavesNoArraysBehind() {
        PromptEncoder encoder = new PromptEncoder(model, Readout.LAST, 2);
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 10; i++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                encoder.encode(PASS, chunk(1.5, 0.5), LearnedWords.none(), manager);
            }
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }
}
