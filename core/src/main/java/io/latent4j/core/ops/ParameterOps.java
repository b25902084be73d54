package io.latent4j.core.ops;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What training does to all of a model's parameters at once, in one call of libtorch each. Every operator changes its
 * first arrays in place and records no gradient; lists of one call have the same length and, place by place, the same
 * shapes.
 */
public final class ParameterOps {
    // The fused step of AdamW tells no version; setting none of an array's numbers to 0 does.
    private static final String METHODS = """
              def norm(self: __torch__.Ops, xs: List[Tensor]) -> Tensor:
                return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(xs, 2)), 2)
              def scale(self: __torch__.Ops, xs: List[Tensor], factor: float) -> None:
                torch._foreach_mul_(xs, factor)
              def add(self: __torch__.Ops, xs: List[Tensor], term: float) -> None:
                torch._foreach_add_(xs, term)
              def zero(self: __torch__.Ops, xs: List[Tensor]) -> None:
                torch._foreach_zero_(xs)
              def copy(self: __torch__.Ops, xs: List[Tensor], ys: List[Tensor]) -> None:
                torch._foreach_copy_(xs, ys)
              def approach(self: __torch__.Ops, xs: List[Tensor], ys: List[Tensor], share: float) -> None:
                torch._foreach_lerp_(xs, ys, share)
              def adamw(self: __torch__.Ops, params: List[Tensor], grads: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor], rate: float, beta1: float, beta2: float, decay: float, epsilon: float) -> None:
                none = annotate(List[Tensor], [])
                torch._foreach_add_(steps, 1)
                torch._fused_adamw_(params, grads, means, squares, none, steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
                for i in range(torch.len(params)):
                  torch.zero_(torch.as_strided(params[i], [0], [1]))
              def adafactor(self: __torch__.Ops, params: List[Tensor], grads: List[Tensor], rows: List[Tensor], columns: List[Tensor], rates: List[float], keep: float, epsilon: float, threshold: float, relative: bool, decay: float) -> None:
                for i in range(torch.len(params)):
                  grad = grads[i]
                  row = rows[i]
                  column = columns[i]
                  if torch.gt(torch.dim(grad), 1):
                    matrix = torch.flatten(grad, 1)
                    square = torch.add_(torch.mul(matrix, matrix), epsilon)
                    _0 = torch.lerp_(row, torch.mean(square, [1]), torch.sub(1.0, keep))
                    _1 = torch.lerp_(column, torch.mean(square, [0]), torch.sub(1.0, keep))
                    share = torch.rsqrt(torch.div(row, torch.mean(row)))
                    moved = torch.mul_(torch.mul(matrix, torch.unsqueeze(share, 1)), torch.rsqrt(column))
                    step = torch.view(moved, torch.size(grad))
                  else:
                    square = torch.add_(torch.mul(grad, grad), epsilon)
                    _2 = torch.lerp_(column, torch.flatten(square), torch.sub(1.0, keep))
                    step = torch.mul(grad, torch.view(torch.rsqrt(column), torch.size(grad)))
                  excess = torch.clamp_min(torch.div(torch.sqrt(torch.mean(torch.mul(step, step))), threshold), 1.0)
                  factor = torch.reciprocal(excess)
                  param = params[i]
                  if relative:
                    size = torch.clamp_min(torch.sqrt(torch.mean(torch.mul(param, param))), 0.001)
                    factor = torch.mul(factor, size)
                  if torch.gt(decay, 0.0):
                    _3 = torch.mul_(param, torch.sub(1.0, torch.mul(rates[i], decay)))
                  _4 = torch.add_(param, torch.mul_(step, factor), alpha=torch.neg(rates[i]))
            """;

    // Alone, as every first image asks for it and nothing of training.
    private static final String VERSION = """
              def version(self: __torch__.Ops, xs: List[Tensor]) -> int:
                sum = 0
                for i in range(torch.len(xs)):
                  sum = torch.add(sum, torch._version(xs[i]))
                return sum
            """;

    private static final Supplier<PtSymbolBlock> MODULE = Suppliers.memoize(() -> compile(METHODS));
    private static final Supplier<PtSymbolBlock> VERSIONS = Suppliers.memoize(() -> compile(VERSION));

    private ParameterOps() {}

    private static PtSymbolBlock compile(String methods) {
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(); // the module outlives any caller's
        try {
            return JniUtils.loadModule(
                    (PtNDManager) manager, new ByteArrayInputStream(TorchScriptArchive.of(methods)), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException("libtorch refused operators of latent4j:\n" + methods, e);
        }
    }

    /** The Euclidean norm of all numbers of {@code xs} together. */
    public static double norm(List<NDArray> xs) {
        IValue[] arguments = {list(xs)};
        IValue result = IValueUtils.runMethod(MODULE.get(), "norm", arguments);
        try (NDArray norm = result.toTensor((PtNDManager) xs.get(0).getManager())) {
            return norm.getFloat();
        } finally {
            result.close();
            close(arguments);
        }
    }

    /**
     * How many times operators changed {@code xs} in place, all together. As long as it stays, what was computed of them is
     * up to date.
     */
    public static long version(List<NDArray> xs) {
        if (xs.isEmpty()) {
            return 0;
        }
        IValue[] arguments = {list(xs)};
        IValue result = IValueUtils.runMethod(VERSIONS.get(), "version", arguments);
        try {
            return result.toLong();
        } finally {
            result.close();
            close(arguments);
        }
    }

    /** {@code x ← factor · x}. */
    public static void scale(List<NDArray> xs, double factor) {
        run("scale", list(xs), IValue.from(factor));
    }

    /** {@code x ← x + term}. */
    public static void add(List<NDArray> xs, double term) {
        run("add", list(xs), IValue.from(term));
    }

    /** {@code x ← 0}. */
    public static void zero(List<NDArray> xs) {
        run("zero", list(xs));
    }

    /** {@code x ← y}. */
    public static void copy(List<NDArray> xs, List<NDArray> ys) {
        run("copy", list(xs), list(ys));
    }

    /** {@code x ← x + share · (y − x)}. */
    public static void approach(List<NDArray> xs, List<NDArray> ys, double share) {
        run("approach", list(xs), list(ys), IValue.from(share));
    }

    /**
     * A step of AdamW: algorithm 2 of <a href="https://arxiv.org/abs/1711.05101">Loshchilov &amp; Hutter 2019</a>, with
     * the decay multiplied by the rate.
     *
     * @param means running means of the gradients, zero at first
     * @param squares running means of the gradients' squares, zero at first
     * @param steps the steps taken, a float32 scalar for each of {@code params}, zero at first
     */
    public static void adamW(
            List<NDArray> params,
            List<NDArray> grads,
            List<NDArray> means,
            List<NDArray> squares,
            List<NDArray> steps,
            double rate,
            double beta1,
            double beta2,
            double decay,
            double epsilon) {
        run(
                "adamw",
                list(params),
                list(grads),
                list(means),
                list(squares),
                list(steps),
                IValue.from(rate),
                IValue.from(beta1),
                IValue.from(beta2),
                IValue.from(decay),
                IValue.from(epsilon));
    }

    /**
     * A step of Adafactor: algorithms 4 and 5 of <a href="https://arxiv.org/abs/1804.04235">Shazeer &amp; Stern 2018</a>. An
     * array of two dimensions or more is a matrix with as many rows as its first dimension.
     *
     * @param rows running means of each row's squared gradients, zero at first; not looked at for vectors
     * @param columns those of each column's; of vectors, those of each number's
     * @param rates the learning rate of each array
     * @param keep how much of the running means is kept
     * @param threshold the largest root mean square of a step before it is multiplied by the rate
     * @param relative whether a rate is multiplied by the root mean square of the array's numbers, 0.001 or more
     */
    public static void adafactor(
            List<NDArray> params,
            List<NDArray> grads,
            List<NDArray> rows,
            List<NDArray> columns,
            List<Double> rates,
            double keep,
            double epsilon,
            double threshold,
            boolean relative,
            double decay) {
        run(
                "adafactor",
                list(params),
                list(grads),
                list(rows),
                list(columns),
                IValue.listFrom(rates.stream().mapToDouble(Double::doubleValue).toArray()),
                IValue.from(keep),
                IValue.from(epsilon),
                IValue.from(threshold),
                IValue.from(relative),
                IValue.from(decay));
    }

    private static void run(String method, IValue... arguments) {
        try {
            IValueUtils.runMethod(MODULE.get(), method, arguments).close();
        } finally {
            close(arguments);
        }
    }

    private static IValue list(List<NDArray> arrays) {
        return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
    }

    private static void close(IValue... values) {
        for (IValue value : values) {
            value.close();
        }
    }
}
