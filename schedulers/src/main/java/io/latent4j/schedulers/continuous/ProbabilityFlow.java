package io.latent4j.schedulers.continuous;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import java.util.Arrays;

/**
 * The ordinary differential equation with the same marginals as an {@link Sde}: equation 13 of <a
 * href="https://arxiv.org/abs/2011.13456">Song et al. 2021</a>. It takes noise to data and back without loss, and tells how
 * likely data is.
 *
 * <p>The solver's state is in float64 on the host, the score is asked in the data type of what is passed in, float32 or
 * float64.
 */
public record ProbabilityFlow(Sde sde, Score score, OdeSolver solver) {

    /** Data at the SDE's earliest time, from {@code x} at time 1, {@link Sde#prior}: (N, …), which the caller closes. */
    public NDArray sample(NDArray x) {
        double[] end = solver.solve(ode(x), 1, sde.earliest(), Values.of(x));
        return Values.array(end, x.getShape(), x);
    }

    /** x at time 1, from data: what {@link #sample} makes that data of. (N, …), which the caller closes. */
    public NDArray encode(NDArray x) {
        double[] end = solver.solve(ode(x), sde.earliest(), 1, Values.of(x));
        return Values.array(end, x.getShape(), x);
    }

    /**
     * log p of data {@code x}, (N, …), in nats of each image: equation 39, with the divergence by vector-Jacobian products
     * along {@code probes}, the same at all times.
     *
     * <p>Gradients must pass through the score. One gradient is collected at a time in a process.
     */
    public double[] logLikelihood(NDArray x, Probes probes) {
        int images = Math.toIntExact(x.getShape().get(0));
        int size = Math.toIntExact(x.size());
        double[] start = Arrays.copyOf(Values.of(x), size + images); // the last are the integrals of the divergence
        double[] end;
        try (NDArray directions = probes.like(x)) {
            Ode ode = (t, y) -> derivativeAndDivergence(x, directions, t, y);
            end = solver.solve(ode, sde.earliest(), 1, start);
        }
        double[] logLikelihoods = Arrays.copyOfRange(end, size, size + images);
        for (int i = 0; i < size; i++) {
            double z = end[i] / sde.priorStd();
            logLikelihoods[i / (size / images)] -= z * z / 2 + Math.log(sde.priorStd() * Math.sqrt(2 * Math.PI));
        }
        return logLikelihoods;
    }

    private Ode ode(NDArray like) {
        return (t, y) -> derivative(like, t, y);
    }

    @SuppressWarnings("try")
    private double[] derivative(NDArray like, double t, double[] y) {
        try (NDScope scope = new NDScope()) {
            return flow(t, y, Values.of(score.at(Values.array(y, like.getShape(), like), t)));
        }
    }

    /** drift · x − diffusion² / 2 · score, of the first values of {@code y}. */
    private double[] flow(double t, double[] y, double[] score) {
        double[] flow = new double[score.length];
        for (int i = 0; i < flow.length; i++) {
            flow[i] = sde.drift(t) * y[i] - squaredDiffusion(t) / 2 * score[i];
        }
        return flow;
    }

    private double squaredDiffusion(double t) {
        return sde.diffusion(t) * sde.diffusion(t);
    }

    @SuppressWarnings("try")
    private double[] derivativeAndDivergence(NDArray like, NDArray directions, double t, double[] y) {
        int images = Math.toIntExact(like.getShape().get(0));
        int size = Math.toIntExact(like.size());
        int each = size / images;
        try (NDScope scope = new NDScope()) {
            NDArray x = Values.array(Arrays.copyOf(y, size), like.getShape(), like);
            long copies = directions.getShape().get(0) / images;
            NDArray repeated = repeat(x, copies);
            repeated.setRequiresGradient(true);
            NDArray scores;
            NDArray product;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                scores = score.at(repeated, t);
                collector.backward(scores.mul(directions).sum());
                product = repeated.getGradient(); // the Jacobian, transposed, times the directions
            }
            double[] traces = Values.of(product.mul(directions)
                    .reshape(copies, images, -1)
                    .sum(new int[] {2})
                    .mean(new int[] {0})); // (N)
            double[] all = Arrays.copyOf(flow(t, y, Arrays.copyOf(Values.of(scores), size)), size + images);
            for (int i = 0; i < images; i++) {
                all[size + i] = sde.drift(t) * each - squaredDiffusion(t) / 2 * traces[i];
            }
            return all;
        }
    }

    /** {@code copies} times {@code x}, one after the other: (N, …) → (copies · N, …). */
    private static NDArray repeat(NDArray x, long copies) {
        long[] repeats = new long[x.getShape().dimension()];
        Arrays.fill(repeats, 1);
        repeats[0] = copies;
        return x.tile(repeats);
    }
}
