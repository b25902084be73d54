package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineStartTest {

    @Test
    void loadsTheEngineForCommandsThatNeedItAndNotForTheirHelp() {
        assertThat(EngineStart.isNeeded("generate", "a star")).isTrue();
        assertThat(EngineStart.isNeeded("serve")).isTrue();
        assertThat(EngineStart.isNeeded("generate", "--help")).isFalse();
        assertThat(EngineStart.isNeeded("schedulers")).isFalse();
        assertThat(EngineStart.isNeeded("a star")).isFalse();
        assertThat(EngineStart.isNeeded()).isFalse();
    }

    @Test
    void worksBesideTheEngineAfterTheSample() {
        List<String> done = Collections.synchronizedList(new ArrayList<>());
        Thread here = Thread.currentThread();
        Thread there = EngineStart.beside(
                () -> done.add("sample"),
                () -> {
                    done.add("work");
                    return Thread.currentThread();
                },
                "generate",
                "a star");
        assertThat(done).containsExactly("sample", "work");
        assertThat(there).isNotSameAs(here);
        assertThat(Engine.hasEngine("PyTorch")).isTrue();
    }

    @Test
    void worksHereWithoutTheEngine() {
        Thread there = EngineStart.beside(
                () -> {
                    throw new AssertionError("there is nothing to prepare for");
                },
                Thread::currentThread,
                "schedulers");
        assertThat(there).isSameAs(Thread.currentThread());
    }
}
