package io.latent4j.benchmarks;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.management.OperatingSystemMXBean;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Times a UNet here beside a TorchScript graph of the same network, traced from the reference implementation, in turn in one
 * process and by the same libtorch: by the clock, and by the time of the processor, to which other programs add little.
 *
 * <p>The graph takes noisy latents (2, C, H, W), times (2) and hidden states of a text (2, 77, width), all float32, and
 * answers with the noise in float32; in which type and memory layout it computes is its own. The page docs/benchmarks.md
 * has the lines that trace it.
 */
public final class GraphComparison {
    private static final int GUIDED = 2; // unconditional and conditional
    private static final int WORDS = 77;
    private static final float TIMESTEP = 500;
    private static final double NANOSECOND = 1e-9;
    private static final String USAGE =
            "expected the unet folder of a model, a TorchScript file, a data type and how many pairs to time, 7 for"
                    + " instance";

    private GraphComparison() {}

    /** What one pass took, in seconds. */
    private record Time(double clock, double processor) {}

    /** Latents, times and states. */
    private record Inputs(NDArray latents, NDArray times, NDArray states) {
        static Inputs of(UNet2DConditionConfig config, NDManager manager) {
            int side = config.sampleSize();
            return new Inputs(
                    manager.randomNormal(new Shape(GUIDED, config.inChannels(), side, side)),
                    manager.full(new Shape(GUIDED), TIMESTEP),
                    manager.randomNormal(new Shape(GUIDED, WORDS, config.crossAttentionDim())));
        }
    }

    /** Runs it and prints medians and ratios. */
    public static void main(String[] args) throws IOException {
        if (args.length != 4) {
            throw new IllegalArgumentException(USAGE);
        }
        run(Path.of(args[0]), Path.of(args[1]), Precision.parse(args[2]), Integer.parseInt(args[3]), System.out);
    }

    static void run(Path folder, Path file, Precision precision, int pairs, PrintStream out) throws IOException {
        if (pairs < 1) {
            throw new IllegalArgumentException("pairs to time are " + pairs + "; expected 1 or more");
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            UNet2DConditionModel unet = UNet2DConditionModel.load(folder, manager, precision);
            Inputs inputs = Inputs.of(unet.config(), manager);
            try (PtSymbolBlock graph =
                    JniUtils.loadModule((PtNDManager) manager, file, false, new String[0], new String[0], false)) {
                Supplier<NDArray> ours = () -> forward(unet, inputs, precision.compute());
                Supplier<NDArray> theirs = () -> forward(graph, inputs);
                for (int i = 0; i < 2; i++) { // libtorch looks at a graph in its first passes, and then optimizes it
                    compare(ours, theirs, manager, i == 0 ? out : new PrintStream(PrintStream.nullOutputStream()));
                }
                time(ours, theirs, manager, pairs, out);
            }
        }
    }

    private static NDArray forward(UNet2DConditionModel unet, Inputs inputs, DataType type) {
        return scoped(() -> {
            NDArray latents = Ops.cast(inputs.latents, type);
            NDArray states = Ops.cast(inputs.states, type);
            NDArray noise = unet.forward(Pass.inference(), UNetInput.of(latents, inputs.times, states));
            return Ops.cast(noise, DataType.FLOAT32);
        });
    }

    private static NDArray forward(PtSymbolBlock graph, Inputs inputs) {
        NDList all = new NDList(inputs.latents, inputs.times, inputs.states);
        return IValueUtils.forward(graph, all, false).singletonOrThrow();
    }

    /** Prints how far the answers are from each other: rounding, where the graph has the weights of the folder. */
    private static void compare(Supplier<NDArray> ours, Supplier<NDArray> theirs, NDManager owner, PrintStream out) {
        inScope(owner, () -> {
            NDArray a = ours.get();
            NDArray b = theirs.get();
            if (!a.getShape().equals(b.getShape())) {
                throw new IllegalArgumentException("the graph answers " + b.getShape() + " and the model of the folder "
                        + a.getShape() + "; expected a graph of the same network");
            }
            NDArray difference = a.sub(b);
            out.printf(
                    Locale.ROOT,
                    "answers %s; largest difference %.3g, root mean square %.3g of the graph's %.3g%n",
                    a.getShape(),
                    difference.abs().max().getFloat(),
                    Math.sqrt(difference.square().mean().getFloat()),
                    Math.sqrt(b.square().mean().getFloat()));
        });
    }

    private static void time(
            Supplier<NDArray> ours, Supplier<NDArray> theirs, NDManager owner, int pairs, PrintStream out) {
        Time[] own = new Time[pairs];
        Time[] graph = new Time[pairs];
        for (int i = 0; i < pairs; i++) {
            boolean first = i % 2 == 0; // neither always comes after the other
            if (first) {
                own[i] = time(ours, owner);
            }
            graph[i] = time(theirs, owner);
            if (!first) {
                own[i] = time(ours, owner);
            }
        }
        out.printf("%-18s %10s %10s %10s%n", "median of " + pairs, "ours", "graph", "ratio");
        print("clock, s", clock(own), clock(graph), out);
        print("processor, s", processor(own), processor(graph), out);
    }

    private static Time time(Supplier<NDArray> work, NDManager owner) {
        double processor = processorTime();
        long start = System.nanoTime();
        inScope(owner, () -> work.get().getShape()); // nothing else is asked of it
        return new Time((System.nanoTime() - start) * NANOSECOND, (processorTime() - processor) * NANOSECOND);
    }

    private static double[] clock(Time[] times) {
        return Arrays.stream(times).mapToDouble(Time::clock).toArray();
    }

    private static double[] processor(Time[] times) {
        return Arrays.stream(times).mapToDouble(Time::processor).toArray();
    }

    /** Medians, and the median of the pairs' ratios. */
    private static void print(String name, double[] ours, double[] graph, PrintStream out) {
        double[] ratios = new double[ours.length];
        Arrays.setAll(ratios, i -> ours[i] / graph[i]);
        out.printf(Locale.ROOT, "%-18s %10.3f %10.3f %10.3f%n", name, median(ours), median(graph), median(ratios));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Nanoseconds that processors have worked for this program; a constant where the system does not say. */
    private static double processorTime() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    @SuppressWarnings("try")
    private static void inScope(NDManager owner, Runnable work) {
        try (NDManager manager = owner.newSubManager();
                NDScope scope = new NDScope()) {
            work.run();
        }
    }
}
