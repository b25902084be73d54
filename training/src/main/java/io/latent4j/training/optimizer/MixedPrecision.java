package io.latent4j.training.optimizer;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;

/** What networks compute in while they learn. Parameters, gradients and moments are float32 in any case. */
public enum MixedPrecision {
    /** As parameters are. */
    FLOAT32(DataType.FLOAT32),
    /** Half the memory between layers, the range of float32 and three digits. */
    BFLOAT16(DataType.BFLOAT16),
    /** Half the memory between layers, four digits, and a small range: the loss is scaled by a {@link LossScale}. */
    FLOAT16(DataType.FLOAT16);

    private final DataType type;

    MixedPrecision(DataType type) {
        this.type = type;
    }

    /** {@code pass} in this precision. */
    Pass of(Pass pass) {
        return this == FLOAT32 ? pass : pass.in(type);
    }

    /** Whether small gradients would be lost but for a {@link LossScale}. */
    public boolean isScaled() {
        return this == FLOAT16;
    }
}
