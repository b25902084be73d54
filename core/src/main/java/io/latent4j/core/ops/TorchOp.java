package io.latent4j.core.ops;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import com.google.common.base.Splitter;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A function of arrays written as TorchScript and compiled by libtorch, about 20 µs a call over the operators it runs.
 *
 * <p>Equal sources share one compiled module, which lives as long as the process: it holds no arrays, and there are as
 * many as there are different operators. Calls may come from any thread. Gradients are recorded whenever an input
 * requires them.
 */
final class TorchOp {
    private static final LoadingCache<String, TorchOp> COMPILED =
            CacheBuilder.newBuilder().build(CacheLoader.from(TorchOp::compile));

    private final PtSymbolBlock module;

    private TorchOp(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * The operator with these parameters and this body.
     *
     * @param parameters names of the tensors, {@code "x, weight"}
     * @param body statements, one a line and not indented, the last of which returns a tensor
     */
    static TorchOp of(String parameters, String body) {
        StringBuilder source = new StringBuilder("  def forward(self: __torch__.Ops");
        for (String parameter : Splitter.on(", ").split(parameters)) {
            source.append(", ").append(parameter).append(": Tensor");
        }
        source.append(") -> Tensor:\n");
        body.strip().lines().forEach(line -> source.append("    ").append(line).append('\n'));
        return COMPILED.getUnchecked(source.toString());
    }

    private static TorchOp compile(String methods) {
        // Not the caller's manager: the module outlives it. Nor an open scope's array: loading makes none.
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
        try {
            PtSymbolBlock module = JniUtils.loadModule(
                    (PtNDManager) manager, new ByteArrayInputStream(TorchScriptArchive.of(methods)), false, false);
            return new TorchOp(module);
        } catch (IOException e) {
            throw new UncheckedIOException("libtorch refused an operator of latent4j:\n" + methods, e);
        }
    }

    /** Runs the operator; the result belongs to the first operand's manager. */
    NDArray call(NDArray... operands) {
        // "training" only keeps libtorch out of its inference mode, whose results could never meet a gradient.
        NDList result = IValueUtils.forward(module, new NDList(operands), true);
        return result.singletonOrThrow();
    }
}
