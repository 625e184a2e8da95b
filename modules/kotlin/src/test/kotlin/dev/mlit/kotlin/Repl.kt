package dev.mlit.kotlin

import kotlin.script.experimental.api.ResultValue
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.ScriptDiagnostic
import kotlin.script.experimental.api.ScriptEvaluationConfiguration
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.hostConfiguration
import kotlin.script.experimental.api.repl
import kotlin.script.experimental.api.valueOrNull
import kotlin.script.experimental.host.ScriptingHostConfiguration
import kotlin.script.experimental.host.toScriptSource
import kotlin.script.experimental.jvm.baseClassLoader
import kotlin.script.experimental.jvm.defaultJvmScriptingHostConfiguration
import kotlin.script.experimental.jvm.dependenciesFromClassContext
import kotlin.script.experimental.jvm.jvm
import kotlinx.coroutines.runBlocking
import org.jetbrains.kotlin.com.intellij.openapi.util.Disposer
import org.jetbrains.kotlin.scripting.compiler.plugin.impl.K2ReplCompiler
import org.jetbrains.kotlin.scripting.compiler.plugin.impl.K2ReplEvaluator
import org.jetbrains.kotlin.scripting.compiler.plugin.impl.ScriptDiagnosticsMessageCollector
import org.jetbrains.kotlin.scripting.compiler.plugin.services.FirReplHistoryProviderImpl
import org.jetbrains.kotlin.scripting.compiler.plugin.services.firReplHistoryProvider
import org.jetbrains.kotlin.scripting.compiler.plugin.services.isReplSnippetSource

/**
 * The compiler's own read-eval-print loop, which notebooks of Kotlin run on: snippet by snippet, each sees the earlier.
 */
internal class Repl : AutoCloseable {
    private val disposable = Disposer.newDisposable()
    private val classes = Repl::class.java.classLoader
    private val host =
        ScriptingHostConfiguration(defaultJvmScriptingHostConfiguration) {
            jvm { baseClassLoader(classes) }
            repl {
                firReplHistoryProvider(FirReplHistoryProviderImpl())
                isReplSnippetSource { _, _ -> true }
            }
        }
    private val configuration = ScriptCompilationConfiguration {
        hostConfiguration(host)
        jvm { dependenciesFromClassContext(Repl::class, wholeClasspath = true) }
        compilerOptions("-jvm-target", "17")
    }
    private val compiler =
        K2ReplCompiler(
            K2ReplCompiler.createCompilationState(
                ScriptDiagnosticsMessageCollector(null),
                disposable,
                configuration,
                host,
            )
        )
    private val evaluator = K2ReplEvaluator()

    /**
     * Compiles and runs a snippet.
     *
     * @return the value of its last expression; null if it has none
     * @throws AssertionError if it does not compile, or throws something
     */
    fun run(name: String, source: String): Any? = runBlocking {
        val compiled = compiler.compile(source.toScriptSource("$name.repl.kts"))
        val problems = compiled.reports.filter { it.severity >= ScriptDiagnostic.Severity.WARNING }
        if (compiled !is ResultWithDiagnostics.Success || problems.isNotEmpty()) {
            throw AssertionError(problems.joinToString("\n") { it.render() } + "\nin\n" + source)
        }
        val evaluated =
            evaluator.eval(compiled.value, ScriptEvaluationConfiguration { jvm { baseClassLoader(classes) } })
        when (val result = evaluated.valueOrNull()?.get()?.result) {
            is ResultValue.Value -> result.value
            is ResultValue.Unit -> null
            is ResultValue.Error -> throw AssertionError(name, result.error)
            else -> throw AssertionError("$name: " + evaluated.reports.joinToString("\n") { it.render() })
        }
    }

    override fun close() = Disposer.dispose(disposable)
}
