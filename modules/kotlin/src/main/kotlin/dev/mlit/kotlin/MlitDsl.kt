package dev.mlit.kotlin

import kotlin.DeprecationLevel.ERROR

/**
 * Marks the scopes of the DSL: inside one, what belongs to a scope around it cannot be called without saying so, as in
 * `this@run.export("there")`. A description that is nested wrongly does not compile.
 */
@DslMarker
@Target(AnnotationTarget.CLASS, AnnotationTarget.TYPE)
@Retention(AnnotationRetention.BINARY)
public annotation class MlitDsl

/**
 * The scope of a description. The functions that begin one would be found in it, as they are in no scope, and what they
 * describe would be lost; so the compiler refuses them here.
 */
@MlitDsl
public sealed class DescriptionScope {
    /** Refused: a run is described by itself. */
    @Deprecated("a run is described by itself, outside of other descriptions", level = ERROR)
    @Suppress("UNUSED_PARAMETER")
    public fun run(name: String, description: RunScope.() -> Unit): Nothing = refused()

    /** Refused: a study is described by itself. */
    @Deprecated("a study is described by itself, outside of other descriptions", level = ERROR)
    @Suppress("UNUSED_PARAMETER")
    public fun study(name: String, description: StudyScope.() -> Unit): Nothing = refused()

    internal fun refused(): Nothing = throw UnsupportedOperationException("the compiler refuses this call")
}

/** A scope in which no model is described, either: every one but `run { }`. */
@MlitDsl
public sealed class InnerScope : DescriptionScope() {
    /** Refused: a model is described by itself, or directly inside `run { }`. */
    @Deprecated("a model is described by itself, or directly inside run { }", level = ERROR)
    @Suppress("UNUSED_PARAMETER")
    public fun model(name: String, description: ModelScope.() -> Unit): Nothing = refused()
}
