package dev.mlit.kotlin

import dev.mlit.spec.AugmentationSpecBuilder
import dev.mlit.spec.CheckpointsSpec
import dev.mlit.spec.EarlyStopping
import dev.mlit.spec.ModelSpecBuilder
import dev.mlit.spec.NeighboursSpec
import dev.mlit.spec.OptimizerSpec
import dev.mlit.spec.ProbeSpec
import dev.mlit.spec.RunSpecBuilder
import dev.mlit.spec.ScheduleSpec
import dev.mlit.spec.StudySpecBuilder
import dev.mlit.spec.TrainingSpec
import dev.mlit.train.Trainer
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.util.function.Consumer
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** If it fails, a field that Java has cannot be set in Kotlin. */
class ScopesTest {
    /** What a scope is to offer: all of a Java builder, but for some methods. */
    data class Pair(val java: Class<*>, val scopes: List<Class<*>>, val left: Set<String>) {
        override fun toString(): String = java.name.substringAfterLast('.')
    }

    @ParameterizedTest
    @MethodSource("pairs")
    fun `a scope has all that the builder has`(pair: Pair) {
        val offered = pair.scopes.flatMap { scope -> scope.declaredMethods.map(::signature) }

        val wanted =
            pair.java.declaredMethods
                .filter { Modifier.isPublic(it.modifiers) && !Modifier.isStatic(it.modifiers) && it.name !in pair.left }
                .map(::signature)

        assertThat(wanted).isNotEmpty().allSatisfy { assertThat(offered).contains(it) }
    }

    /** A name and its types; lambdas, which have other types in Kotlin, left out. */
    private fun signature(method: Method): String =
        method.name +
            method.parameterTypes
                .filter { it != Consumer::class.java && it != Function1::class.java }
                .joinToString(prefix = "(", postfix = ")") { it.simpleName }

    companion object {
        private fun pair(java: Class<*>, vararg scopes: Class<*>, left: Set<String> = setOf("build")) =
            Pair(java, scopes.toList(), left)

        @JvmStatic
        fun pairs(): List<Pair> =
            listOf(
                pair(ModelSpecBuilder::class.java, ModelScope::class.java),
                pair(RunSpecBuilder::class.java, RunScope::class.java, DataScope::class.java),
                pair(TrainingSpec.Builder::class.java, TrainingScope::class.java),
                pair(OptimizerSpec.Builder::class.java, OptimizerScope::class.java),
                pair(ScheduleSpec.Builder::class.java, ScheduleScope::class.java),
                pair(AugmentationSpecBuilder::class.java, AugmentationScope::class.java),
                pair(CheckpointsSpec.Builder::class.java, CheckpointsScope::class.java),
                pair(EarlyStopping.Builder::class.java, EarlyStoppingScope::class.java),
                pair(NeighboursSpec.Builder::class.java, NeighboursScope::class.java),
                pair(ProbeSpec.Builder::class.java, ProbeScope::class.java),
                pair(StudySpecBuilder::class.java, StudyScope::class.java),
                pair(StudySpecBuilder.PretrainingBuilder::class.java, PretrainingScope::class.java),
                pair(StudySpecBuilder.TargetBuilder::class.java, TargetScope::class.java),
                pair(StudySpecBuilder.ArmBuilder::class.java, ArmScope::class.java),
                // What a trainer does is a function of its own.
                pair(
                    Trainer::class.java,
                    TrainerScope::class.java,
                    left = setOf("train", "stop", "resume", "writesRun", "directory"),
                ),
            )
    }
}
