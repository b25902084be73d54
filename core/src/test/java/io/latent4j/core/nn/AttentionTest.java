package io.latent4j.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionTest {
    private static final Shape TOKENS = new Shape(3, 5, 8);

    @Test
    void perturbedSamplesKeepTheirOwnValues() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(3);
            Attention attention = random(manager, random);
            NDArray x = random.normal(manager, TOKENS);
            Pass plain = Pass.inference();

            NDArray all = attention.forward(plain, x, x);
            NDArray some = attention.forward(plain.withPerturbation(new Perturbation(List.of(attention), 2)), x, x);

            assertClose(some.get(":2"), all.get(":2"));
            NDArray values = x.get("2").matMul(array(attention, "to_v.weight").transpose());
            NDArray own = values.matMul(array(attention, "to_out.0.weight").transpose())
                    .add(array(attention, "to_out.0.bias"));
            assertClose(some.get("2"), own);
            assertThat(all.get("2").sub(own).abs().max().getFloat()).isGreaterThan(0.1f);
        }
    }

    @Test
    void otherLayersAttendAsEver() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(4);
            Attention attention = random(manager, random);
            NDArray x = random.normal(manager, TOKENS);
            Perturbation elsewhere = new Perturbation(List.of(random(manager, random)), 1);

            NDArray y = attention.forward(Pass.inference().withPerturbation(elsewhere), x, x);

            assertThat(y.toFloatArray())
                    .isEqualTo(attention.forward(Pass.inference(), x, x).toFloatArray());
        }
    }

    @Test
    void headsMayHaveFewerChannelsThanTheirTokens() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TorchRandom random = new TorchRandom(5);
            Attention attention = new Attention(7, 6, 2, 3, true);
            attention.load(
                    "random weights",
                    attention.shapes(),
                    key -> random.normal(manager, attention.shapes().get(key)));
            NDArray x = random.normal(manager, new Shape(1, 4, 7));
            NDArray context = random.normal(manager, new Shape(1, 5, 6));

            NDArray y = attention.forward(Pass.inference(), x, context);

            NDArray q = linear(attention, "to_q", x.get(0)); // (4, 6): two heads of 3 channels
            NDArray k = linear(attention, "to_k", context.get(0));
            NDArray v = linear(attention, "to_v", context.get(0));
            NDArray heads = head(q, k, v, ":3").concat(head(q, k, v, "3:"), 1);
            assertClose(y.get(0), linear(attention, "to_out.0", heads));
        }
    }

    /** One head's channels by the formula softmax(q kᵀ / √d) v. */
    private static NDArray head(NDArray q, NDArray k, NDArray v, String channels) {
        String own = ":, " + channels;
        NDArray scores = q.get(own).matMul(k.get(own).transpose()).div(Math.sqrt(3));
        return scores.softmax(1).matMul(v.get(own));
    }

    private static NDArray linear(Attention attention, String name, NDArray x) {
        return x.matMul(array(attention, name + ".weight").transpose()).add(array(attention, name + ".bias"));
    }

    @Test
    void aSampleAtLeastAttends() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Perturbation(List.of(), 0))
                .withMessage("the first sample without attention is 0; expected 1 or more");
    }

    private static Attention random(NDManager manager, TorchRandom random) {
        Attention attention = new Attention(8, 8, 2, false);
        attention.load(
                "random weights",
                attention.shapes(),
                key -> random.normal(manager, attention.shapes().get(key)));
        return attention;
    }

    private static NDArray array(Attention attention, String key) {
        return attention.getParameters().get(key).getArray();
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray(), within(1e-4f));
    }
}
